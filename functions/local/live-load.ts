import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { LoadCredentials, LoadRequest } from "../web/live/action-schema.ts";

const PROGRAM = join(import.meta.dirname, "../../loadtest/live/live-load.ts");

const verdictSchema = z.object({ outcome: z.string(), text: z.string() });
type LoadVerdict = z.infer<typeof verdictSchema>;

/** Where the load goes, and where its judge looks. */
interface LoadTarget {
  readonly url: string;
  readonly credentials: LoadCredentials;
  readonly dynamodb: string;
  /** Of the tables. */
  readonly prefix: string;
  readonly products: number;
}

export interface RunningLoad {
  /** Epoch milliseconds; the verdict comes later. */
  readonly endsAt: number;
  readonly stop: () => void;
}

/** Runs a load in a process of its own, which judges afterwards what its shoppers saw. */
export const startLoad = (
  load: LoadRequest,
  target: LoadTarget,
  onEnd: (verdict: LoadVerdict | undefined) => void,
): RunningLoad => {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM], { stdio: ["pipe", "pipe", "inherit"] });
  // Everybody on this machine may read a command line; the credentials are for the load alone.
  child.stdin?.on("error", () => undefined).end(JSON.stringify({ ...load, ...target }));
  let verdict: LoadVerdict | undefined;
  if (child.stdout) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      verdict = verdictIn(line) ?? verdict;
    });
  }
  const ended = Promise.withResolvers<void>();
  child.once("close", () => ended.resolve());
  // A failed spawn: without a listener, the event would end the launcher.
  child.once("error", () => ended.resolve());
  void ended.promise.then(() => onEnd(verdict));
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  return { endsAt: Date.now() + load.seconds * 1_000, stop: () => void child.kill("SIGTERM") };
};

const verdictIn = (line: string): LoadVerdict | undefined => {
  try {
    return verdictSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
};
