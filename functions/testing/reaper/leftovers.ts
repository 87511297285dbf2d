import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sendSignal } from "../../local/processes.ts";

/** Processes that have been asked to stop may take their time on a busy machine. */
export const PATIENCE_MS = 15_000;
const POLL_MS = 25;

/** Vitest's own on Node: it ends with the run, after the teardown that asks. */
const WATCHDOG = "vitest-watchdog";

export interface Leftover {
  readonly pid: number;
  readonly command: string;
  /** Its own folder for temporary files. */
  readonly folder: string;
}

/**
 * The processes of a test run or a test file, through all generations and even when their parents are gone. They are
 * known by `TMPDIR`, which is within the run's folder: children inherit it, also those that get little else. Redis
 * writes its title over its environment, and is known by its working directory. Only Linux lets us ask, elsewhere there
 * are none.
 */
export const processesOf = (folder: string): Leftover[] =>
  processIds().flatMap((pid) => {
    const its = [temporaryFolderOf(pid), workingDirectoryOf(pid)].find((path) =>
      `${path}/`.startsWith(`${folder}/`),
    );
    if (its === undefined) return [];
    const command = fieldsOf(pid, "cmdline").join(" ").trim();
    return command === WATCHDOG ? [] : [{ pid, command, folder: its }];
  });

/**
 * Kills the processes of a run or a file that do not end by themselves in time.
 *
 * @returns those it had to kill
 */
export const endLeftovers = async (folder: string, patienceMs: number): Promise<Leftover[]> => {
  let left = processesOf(folder);
  for (const giveUpAt = Date.now() + patienceMs; left.length > 0 && Date.now() < giveUpAt; ) {
    await sleep(POLL_MS);
    left = processesOf(folder);
  }
  // Until none is seen: one may have started another meanwhile.
  for (let living = left; living.length > 0; living = processesOf(folder)) {
    for (const { pid } of living) sendSignal(pid, "SIGKILL");
    await sleep(POLL_MS);
  }
  return left;
};

/** Makes a folder for temporary files. A server that runs as another user finds its way through it. */
export const makeFolder = (within: string, name: string): string => {
  const folder = mkdtempSync(join(within, `${name}-`));
  chmodSync(folder, 0o755);
  return folder;
};

/** Paths of the files and folders in a folder. */
export const filesIn = (folder: string): string[] => readdirSync(folder).map((name) => join(folder, name));

export const describeLeftovers = (processes: readonly Leftover[], files: readonly string[]): string =>
  [
    ...processes.map(({ pid, command, folder }) => `${command} (pid ${pid}, of ${basename(folder)})`),
    ...files,
  ]
    .map((line) => `  ${line}`)
    .join("\n");

const processIds = (): number[] =>
  process.platform === "linux" ? readdirSync("/proc").filter(Number).map(Number) : [];

const temporaryFolderOf = (pid: number): string | undefined =>
  fieldsOf(pid, "environ")
    .find((field) => field.startsWith("TMPDIR="))
    ?.slice("TMPDIR=".length);

/** One that was deleted meanwhile has a word after its path. */
const workingDirectoryOf = (pid: number): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, "");
  } catch {
    return undefined;
  }
};

/** Empty where the process is gone, ending, or somebody else's. */
const fieldsOf = (pid: number, file: "environ" | "cmdline"): string[] => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
  } catch {
    return [];
  }
};
