import type { ChildProcess } from "node:child_process";

const living = new Map<ChildProcess, NodeJS.Signals>();

process.on("exit", () => {
  for (const [child, signal] of living) child.kill(signal);
});

/** Has a child process end with this one, however this one ends, short of `kill -9`. */
export const endWithThisProcess = (child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): void => {
  living.set(child, signal);
  child.once("exit", () => living.delete(child));
};
