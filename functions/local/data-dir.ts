import { spawnSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 50;

/** The programs that claim a data directory: the launcher and the catalogue import. */
const OWNER_COMMAND = /local\/(main|import-catalog)/;

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
  await claim(ownerFile);
  for (const pid of enginesOn(databaseFile)) await stopLeftover(pid, databaseFile);
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

/** Where the embedded engine of the shop that runs on a data directory answers; undefined when none runs there. */
export const runningEngine = async (dir: string): Promise<string | undefined> => {
  const owner = await readOwner(join(resolve(dir), "owner.json"));
  if (!owner?.engine || !commandOf(owner.pid).includes("local/main")) return undefined;
  return owner.engine.endpoint;
};

const claim = async (ownerFile: string): Promise<void> => {
  const mine = JSON.stringify({ pid: process.pid } satisfies Owner);
  for (;;) {
    try {
      // Exclusive: of two launchers started at once, one wins.
      return await writeFile(ownerFile, mine, { flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = await readOwner(ownerFile);
    if (owner && owner.pid !== process.pid && OWNER_COMMAND.test(commandOf(owner.pid)))
      throw inUse(owner, ownerFile);
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
const commandOf = (pid: number): string => ps("-ww", "-o", "command=", "-p", String(pid));

/**
 * The embedded engines that work on a database file. Looked up among all processes rather than remembered:
 * a launcher can be killed between starting its engine and noting it down.
 */
const enginesOn = (databaseFile: string): number[] =>
  ps("-A", "-ww", "-o", "pid=", "-o", "command=")
    .split("\n")
    .filter((line) => /dynoxide/.test(line) && line.endsWith(`--db-path ${databaseFile}`))
    .map((line) => Number.parseInt(line, 10));

const ps = (...parameters: string[]): string =>
  spawnSync("ps", parameters, { encoding: "utf8" }).stdout ?? "";

/** Stops an embedded engine whose launcher was killed: two engines must not write to one database file. */
const stopLeftover = async (pid: number, databaseFile: string): Promise<void> => {
  console.error(`Stopping the embedded DynamoDB that a killed process left running (pid ${pid})`);
  process.kill(pid, "SIGTERM");
  for (
    const giveUpAt = Date.now() + STOP_TIMEOUT_MS;
    enginesOn(databaseFile).includes(pid);
    await sleep(POLL_MS)
  ) {
    if (Date.now() > giveUpAt) process.kill(pid, "SIGKILL");
  }
};
