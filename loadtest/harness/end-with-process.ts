import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { sendSignal } from "../../functions/local/processes.ts";

const living = new Map<number, NodeJS.Signals>();

process.on("exit", () => {
  for (const [pid, signal] of living) sendSignal(pid, signal);
});

/** Has a program end with this process, however this one ends, short of `kill -9`. */
export const endWithThisProcess = (
  { pid, exited }: { readonly pid: number; readonly exited: Promise<unknown> },
  signal: NodeJS.Signals = "SIGKILL",
): void => {
  living.set(pid, signal);
  void exited.then(() => living.delete(pid));
};

/** The same for a child as `spawn` gives it. */
export const endChildWithThisProcess = (child: ChildProcess, signal?: NodeJS.Signals): void => {
  const { pid } = child;
  // Without an id it never ran.
  if (pid !== undefined) endWithThisProcess({ pid, exited: once(child, "exit") }, signal);
};
