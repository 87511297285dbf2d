import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import type { Services } from "../local/owner.ts";
import { startOf } from "../local/processes.ts";

const CLAIM = join(import.meta.dirname, "claim-data-dir.ts");

/** A folder that is gone after the file's tests. */
export const tempDataDir = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-data-"));
  endWithTests(() => rm(dir, { recursive: true, force: true }));
  return dir;
};

/** Has a process killed after the file's tests, if it is still there. */
export const endAfterTests = <P extends ChildProcess>(child: P): P => {
  const exited = once(child, "exit");
  endWithTests(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  return child;
};

export interface Claim {
  readonly child: ChildProcess;
  /** "claimed", or the error. */
  readonly outcome: string;
}

/** Claims a data directory in a process of its own, which keeps it until it ends. */
export const claimElsewhere = async (dir: string): Promise<Claim> => {
  const child = endAfterTests(
    spawn(process.execPath, [CLAIM, dir], { stdio: ["ignore", "pipe", "inherit"] }),
  );
  const [said] = await once(child.stdout, "data");
  return { child, outcome: String(said).trim() };
};

/** Kills a process and waits until it is gone. */
export const killNow = async (child: ChildProcess): Promise<void> => {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
};

/** Notes a living process whose command line is the launcher's as the owner of a data directory. */
export const noteOwner = async (dir: string, services: Services = {}): Promise<ChildProcess> => {
  const owner = endAfterTests(spawn("sleep", ["60"], { argv0: "functions/local/launcher.ts" }));
  const { pid = 0 } = owner;
  await writeFile(join(dir, "owner.json"), JSON.stringify({ pid, started: startOf(pid), ...services }));
  return owner;
};
