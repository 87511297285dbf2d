import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endWithTests } from "../harness/end-with-tests.ts";

export interface LocustRun {
  readonly code: number | NodeJS.Signals;
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
  const { child, ended } = startLocust(journey, "--headless", "--only-summary", ...shape, ...options);
  while (child.exitCode === null && !(await isEnough())) await sleep(POLL_MS);
  await writeFile(end, "");
  return ended;
};

export const startLocust = (journey: string, ...options: string[]) => {
  const child = spawn("locust", ["-f", join(import.meta.dirname, journey), ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  endWithTests(() => child.kill("SIGKILL"));
  let output = "";
  const read = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout?.on("data", read);
  child.stderr?.on("data", read);
  const ended = new Promise<LocustRun>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: code ?? signal ?? 0, output }));
  });
  return { child, ended, output: () => output };
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
