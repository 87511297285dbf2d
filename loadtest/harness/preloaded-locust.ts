import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { sendSignal } from "../../functions/local/processes.ts";
import { endChildWithThisProcess, endWithThisProcess } from "./end-with-process.ts";

const PROGRAM = join(import.meta.dirname, "..", "locust", "preloaded.py");

/** A Locust that runs. */
export interface LocustProcess {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Its exit code; the negative number of the signal that ended it. Rejects where there is no Locust. */
  readonly exited: Promise<number>;
}

export interface PreloadedLocust {
  /** Of the process that all runs are children of. */
  readonly pid: number | undefined;
  /**
   * Runs `locust` with these words.
   *
   * @param output file for both of its streams
   */
  readonly run: (words: readonly string[], output: string) => LocustProcess;
  /** Ends it, and what still runs. */
  readonly close: () => Promise<void>;
}

interface Run {
  /** Called with its process id. */
  readonly began: (pid: number) => void;
  /** Called with its exit code. */
  readonly ended: (code: number) => void;
}

/**
 * Loads Locust once for many runs, which it takes a second for. Ctrl-C is not for them: a run gets a signal to end what
 * it has begun.
 */
export const preloadLocust = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): PreloadedLocust => {
  const child = spawn("locust", ["-f", PROGRAM], {
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  endChildWithThisProcess(child);
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_000);
  });
  const runs: Run[] = [];
  const isOver = Promise.withResolvers<never>();
  isOver.promise.catch(() => undefined); // A run that goes on hears of it.
  child.once("error", isOver.reject);
  child.once("close", () => isOver.reject(new Error(`Locust has ended:\n${complaints.trim()}`)));
  child.stdin.on("error", () => undefined);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { run, pid, code } = JSON.parse(line) as { run: number; pid?: number; code?: number };
    if (pid !== undefined) runs[run]?.began(pid);
    if (code !== undefined) runs[run]?.ended(code);
  });
  return {
    pid: child.pid,
    run: (words, output) => {
      const begun = Promise.withResolvers<number>();
      const ended = Promise.withResolvers<number>();
      const run = runs.push({ began: begun.resolve, ended: ended.resolve }) - 1;
      child.stdin.write(`${JSON.stringify({ run, words, output })}\n`);
      const exited = Promise.race([ended.promise, isOver.promise]);
      let isRunning = true;
      exited
        .catch(() => undefined)
        .finally(() => {
          isRunning = false;
        });
      void begun.promise.then((pid) => endWithThisProcess({ pid, exited: ended.promise }));
      const kill = async (signal: NodeJS.Signals): Promise<void> => {
        const pid = await begun.promise;
        if (isRunning) sendSignal(pid, signal);
      };
      return { exited, kill: (signal) => void kill(signal) };
    },
    close: async () => {
      child.stdin.end();
      await isOver.promise.catch(() => undefined);
    },
  };
};
