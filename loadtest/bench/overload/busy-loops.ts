import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { endChildWithThisProcess } from "../../harness/end-with-process.ts";

/** Starts processes that use all the processor time they get, as other work on the machine does. */
export const startBusyLoops = (
  count: number,
): { readonly pids: readonly number[]; readonly stop: () => Promise<void> } => {
  const loops = Array.from({ length: count }, () => {
    const child = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
    endChildWithThisProcess(child);
    return child;
  });
  const pids = loops.flatMap(({ pid }) => pid ?? []);
  return { pids, stop: async () => void (await Promise.all(loops.map(end))) };
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
};
