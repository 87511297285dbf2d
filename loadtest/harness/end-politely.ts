import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/**
 * Asks a process to end, and kills it when that takes too long.
 *
 * @param patienceMs when left out, longer than a launcher takes to drain and to end its programs on a busy machine:
 *   killed before that, it would leave them running
 * @returns whether it had to be killed
 */
export const endPolitely = async (
  { kill, exited }: { readonly kill: (signal: NodeJS.Signals) => unknown; readonly exited: Promise<unknown> },
  patienceMs = 90_000,
): Promise<boolean> => {
  let isKilled = false;
  kill("SIGTERM");
  const timer = setTimeout(() => {
    isKilled = true;
    kill("SIGKILL");
  }, patienceMs);
  await exited;
  clearTimeout(timer);
  return isKilled;
};

/** A child that may have ended already. */
export const endChild = async (child: ChildProcess, patienceMs?: number): Promise<boolean> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
  return endPolitely({ kill: (signal) => child.kill(signal), exited: once(child, "exit") }, patienceMs);
};
