import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  (await readFile(file, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as TimelineLine);

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
