import { spawnSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 50;

/** Who uses a data directory: the launcher's process and, once it runs, its embedded engine. */
interface Owner {
  readonly pid: number;
  readonly engine?: { readonly pid: number; readonly endpoint: string };
}

export interface DataDir {
  readonly databaseFile: string;
  readonly positionFile: string;
  readonly noteEngine: (engine: { pid: number; endpoint: string }) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** Thrown when a living process already works on the directory. */
export class DataDirInUseError extends Error {
  override readonly name = "DataDirInUseError";
}

/**
 * Takes a data directory for this process. What a killed process left behind in it (its claim, its embedded
 * engine still running on the database file) is found and cleared away.
 *
 * @throws DataDirInUseError when the process that claimed it is alive
 */
export const claimDataDir = async (dir: string): Promise<DataDir> => {
  const root = resolve(dir);
  await mkdir(root, { recursive: true });
  const ownerFile = join(root, "owner.json");
  const databaseFile = join(root, "stampede.db");
  await claim(ownerFile, databaseFile);
  return {
    databaseFile,
    positionFile: join(root, "stream-position.json"),
    noteEngine: ({ pid, endpoint }) =>
      writeFile(
        ownerFile,
        JSON.stringify({
          pid: process.pid,
          engine: { pid, endpoint },
        } satisfies Owner),
      ),
    release: () => rm(ownerFile, { force: true }),
  };
};

const claim = async (ownerFile: string, databaseFile: string): Promise<void> => {
  const mine = JSON.stringify({ pid: process.pid } satisfies Owner);
  for (;;) {
    try {
      // Exclusive: of two launchers started at once, one wins.
      return await writeFile(ownerFile, mine, { flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = await readOwner(ownerFile);
    if (owner && owner.pid !== process.pid && commandOf(owner.pid).includes("local/main"))
      throw inUse(owner, ownerFile);
    if (owner?.engine) await stopLeftover(owner.engine.pid, databaseFile);
    await rm(ownerFile, { force: true });
  }
};

const readOwner = async (ownerFile: string): Promise<Owner | undefined> => {
  try {
    return JSON.parse(await readFile(ownerFile, "utf8")) as Owner;
  } catch {
    // Gone meanwhile, or cut off while it was written: either way nobody to respect.
    return undefined;
  }
};

const inUse = ({ pid, engine }: Owner, ownerFile: string) =>
  new DataDirInUseError(
    `Process ${pid} already works on this data directory (${ownerFile}). Stop it, or start this one with\n` +
      `  DATA_DIR=another-folder                 for a database of its own${
        engine ? `, or\n  DYNAMODB_ENDPOINT=${engine.endpoint}   to share the other's database` : ""
      }`,
  );

/** The command line of a process; empty when there is none. Process ids are reused, so a number alone says little. */
const commandOf = (pid: number): string => {
  const { stdout } = spawnSync("ps", ["-o", "command=", "-p", String(pid)], {
    encoding: "utf8",
  });
  return stdout ?? "";
};

const isEngineOf = (pid: number, databaseFile: string): boolean => commandOf(pid).includes(databaseFile);

/** Stops an embedded engine whose launcher was killed: two engines must not write to one database file. */
const stopLeftover = async (pid: number, databaseFile: string): Promise<void> => {
  if (!isEngineOf(pid, databaseFile)) return;
  console.error(`Stopping the embedded DynamoDB that a killed process left running (pid ${pid})`);
  process.kill(pid, "SIGTERM");
  for (const giveUpAt = Date.now() + STOP_TIMEOUT_MS; isEngineOf(pid, databaseFile); await sleep(POLL_MS)) {
    if (Date.now() > giveUpAt) process.kill(pid, "SIGKILL");
  }
};
