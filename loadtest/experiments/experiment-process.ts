import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endChildWithThisProcess } from "../harness/end-with-process.ts";
import { outputOf } from "../harness/output-of.ts";

const PROGRAM = join(import.meta.dirname, "experiment-command.ts");

export interface ExperimentProcess {
  readonly pid: number;
  readonly out: string;
  readonly output: () => string;
  readonly interrupt: (signal?: NodeJS.Signals) => void;
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Processes that it has started and that are still there, and files it has left in the temporary folder. */
  readonly leftovers: () => Promise<readonly string[]>;
  readonly remove: () => Promise<void>;
}

/** Starts an experiment as a person does, with a report and temporary files of its own. */
export const startExperiment = async (
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<ExperimentProcess> => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-experiment-test-"));
  const out = join(dir, "report");
  const temporary = await mkdtemp(join(dir, "tmp-"));
  const child = spawn(process.execPath, [PROGRAM, "--out", out, ...words], {
    env: { ...process.env, TMPDIR: temporary, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  endChildWithThisProcess(child, "SIGTERM");
  const output = outputOf(child);
  const exited = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? 0));
  });
  if (child.pid === undefined) throw new Error("The experiment could not be started");
  return {
    pid: child.pid,
    out,
    output,
    interrupt: (signal = "SIGINT") => child.kill(signal),
    exited,
    leftovers: async () => [...(await processesWith(temporary)), ...(await readdir(temporary))],
    remove: () => rm(dir, { recursive: true, force: true }),
  };
};

/** All that a process starts inherits its environment. */
const processesWith = async (text: string): Promise<string[]> => {
  if (!existsSync("/proc/self/environ")) return [];
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
      if (!environment.includes(text)) return [];
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return command === "" ? [] : [command.replaceAll("\0", " ").trim()];
    }),
  );
  return commands.flat();
};
