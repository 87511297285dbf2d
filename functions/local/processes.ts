import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "./start-error.ts";

const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 50;

/**
 * When a process started, as this system tells it; undefined when there is none with that id. Ids are reused:
 * only together with its start does one name a process.
 */
export const startOf = (pid: number): string | undefined => {
  if (process.platform !== "linux") return ps("-p", String(pid), "-o", "lstart=").trim() || undefined;
  try {
    // Field 22, in clock ticks since the boot (proc(5)); the second one is a name that may contain anything.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
};

/** The command line of a process; empty when there is none. */
export const commandOf = (pid: number): string => commands("-p", String(pid)).get(pid) ?? "";

/** The ids of the processes whose command line passes a test. */
export const processesWith = (test: (command: string) => boolean): number[] =>
  [...commands("-A")].filter(([, command]) => test(command)).map(([pid]) => pid);

/**
 * Whether a process holds nothing any more. One that ends loses its command line before its files and sockets, and is a
 * zombie (Z) while other threads of it (l) still have these.
 */
export const hasEnded = (pid: number): boolean =>
  /^(Z[^l]*)?$/.test(ps("-p", String(pid), "-o", "stat=").trim());

const commands = (...which: string[]): Map<number, string> => {
  const lines = ps(...which, "-ww", "-o", "pid=", "-o", "command=").split("\n");
  return new Map(
    lines.flatMap((line) => {
      const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid && command !== undefined ? [[Number(pid), command] as const] : [];
    }),
  );
};

/** @throws StartError where there is no `ps` to ask: without it two engines could write to one database */
const ps = (...parameters: string[]): string => {
  const { stdout, error } = spawnSync("ps", parameters, { encoding: "utf8" });
  if (!error) return stdout;
  throw new StartError(`The program ps is needed to tell who uses the data directory: ${error.message}`);
};

/**
 * Ends a process that a killed launcher left running, by force if it does not end by itself.
 *
 * @param isThere whether the process is still the one meant
 * @throws StartError when even that does not end it
 */
export const stopLeftover = async (what: string, pid: number, isThere: () => boolean): Promise<void> => {
  console.error(`Stopping the ${what} that a killed process left running (pid ${pid})`);
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (isThere()) sendSignal(pid, signal);
    for (const giveUpAt = Date.now() + STOP_TIMEOUT_MS; Date.now() < giveUpAt; await sleep(POLL_MS)) {
      if (!isThere() && hasEnded(pid)) return;
    }
  }
  throw new StartError(`The ${what} of an earlier run does not end (pid ${pid}). Stop it, then start again.`);
};

/** Sends a signal to a process that may be gone. */
export const sendSignal = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};
