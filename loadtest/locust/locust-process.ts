import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endWithTests, oncePerFile } from "../harness/end-with-tests.ts";
import { preloadLocust } from "../harness/preloaded-locust.ts";

export interface LocustRun {
  readonly code: number;
  /** Both streams: Locust logs to one and prints its statistics to the other. */
  readonly output: string;
}

/** A second of `--timeline`. */
export interface TimelineLine {
  readonly time: number;
  readonly second: number;
  readonly users: number;
  readonly generator_cpu: number;
  readonly waiting: number;
  readonly requests: Record<
    string,
    { ok: number; refused: number; failed: number; latency: Record<string, number> }
  >;
  readonly refusals: Record<string, number>;
  readonly errors: Record<string, number>;
}

/** Runs a journey without the web page, to its end. */
export const runJourney = (journey: string, ...options: string[]): Promise<LocustRun> =>
  startLocust(journey, "--headless", "--only-summary", ...options).ended;

/** At the most, in seconds, where the test says when there was enough. */
const LONGEST = "300";
const POLL_MS = 50;

/** Runs a journey without the web page until there was enough: how long that takes depends on the machine. */
export const runJourneyUntil = async (
  isEnough: () => boolean | Promise<boolean>,
  users: number,
  journey: string,
  ...options: string[]
): Promise<LocustRun> => {
  const end = join(await newOutputDir(), "end");
  const shape = ["--shape", "steps", "--steps", String(users), "--step-seconds", LONGEST, "--end-when", end];
  const { isOver, ended } = startLocust(journey, "--headless", "--only-summary", ...shape, ...options);
  while (!isOver() && !(await isEnough())) await sleep(POLL_MS);
  await writeFile(end, "");
  return ended;
};

const preloaded = oncePerFile(preloadLocust, ({ close }) => close());

export const startLocust = (journey: string, ...options: string[]) => {
  const dir = mkdtempSync(join(tmpdir(), "stampede-locust-"));
  const file = join(dir, "output");
  const { kill, exited } = preloaded().run(["-f", join(import.meta.dirname, journey), ...options], file);
  endWithTests(async () => {
    kill("SIGKILL");
    await exited;
    rmSync(dir, { recursive: true, force: true });
  });
  const output = (): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
  let isOver = false;
  const ended = exited
    .then((code): LocustRun => ({ code, output: output() }))
    .finally(() => {
      isOver = true;
    });
  return { kill, ended, output, isOver: () => isOver };
};

/** A directory for what a run writes; gone with the tests. */
export const newOutputDir = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-locust-"));
  endWithTests(() => rm(dir, { recursive: true, force: true }));
  return dir;
};

export const readTimeline = async (file: string): Promise<TimelineLine[]> =>
  linesIn((await readFile(file, "utf8")).trimEnd());

/** The seconds of a run that goes on; none before there is a file. */
export const timelineSoFar = async (file: string): Promise<TimelineLine[]> => {
  const text = await readFile(file, "utf8").catch(() => "");
  const end = text.lastIndexOf("\n");
  return end < 0 ? [] : linesIn(text.slice(0, end));
};

const linesIn = (text: string): TimelineLine[] =>
  text.split("\n").map((line) => JSON.parse(line) as TimelineLine);

export type Outcome = "ok" | "refused" | "failed";

/** @param isCounted which requests, by their names */
export const countIn = (
  timeline: readonly TimelineLine[],
  outcomes: readonly Outcome[] = ["ok", "refused", "failed"],
  isCounted: (name: string) => boolean = () => true,
): number =>
  timeline
    .flatMap(({ requests }) => Object.entries(requests))
    .filter(([name]) => isCounted(name))
    .reduce((sum, [, counts]) => sum + outcomes.reduce((own, outcome) => own + counts[outcome], 0), 0);
