import { spawnSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 50;

/** The programs that claim a data directory: the launcher and the catalogue import. */
const OWNER_COMMAND = /local\/(main|import-catalog)/;

/** What runs beside the process that claimed a data directory. */
export interface Services {
  readonly engine?: { readonly pid: number; readonly endpoint: string };
  readonly redis?: { readonly pid: number; readonly url: string };
}

/** Who uses a data directory. */
interface Owner extends Services {
  readonly pid: number;
}

export interface DataDir {
  readonly databaseFile: string;
  readonly positionFile: string;
  readonly searchFile: string;
  readonly redisPidFile: string;
  /** Notes what was started, for those who want to share it. */
  readonly note: (services: Services) => Promise<void>;
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
  const redisPidFile = join(root, "redis.pid");
  for (const pid of enginesOn(databaseFile)) {
    await stopLeftover("embedded DynamoDB", pid, () => enginesOn(databaseFile).includes(pid));
  }
  const redis = await leftoverRedis(redisPidFile);
  if (redis) await stopLeftover("Redis", redis, () => isRedis(redis));

  let owner: Owner = { pid: process.pid };
  return {
    databaseFile,
    redisPidFile,
    positionFile: join(root, "stream-position.json"),
    searchFile: join(root, "search.db"),
    note: async (services) => {
      owner = { ...owner, ...services };
      await writeFile(ownerFile, JSON.stringify(owner));
    },
    release: () => rm(ownerFile, { force: true }),
  };
};

/** What the shop that runs on a data directory has started; nothing when none runs there. */
export const runningServices = async (dir: string): Promise<Services> => {
  const owner = await readOwner(join(resolve(dir), "owner.json"));
  return owner && commandOf(owner.pid).includes("local/main") ? owner : {};
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

const inUse = ({ pid, engine, redis }: Owner, ownerFile: string) => {
  const share = [engine && `DYNAMODB_ENDPOINT=${engine.endpoint}`, redis && `REDIS_URL=${redis.url}`];
  return new DataDirInUseError(
    `Process ${pid} already works on this data directory (${ownerFile}). Stop it, or start this one with\n` +
      `  DATA_DIR=another-folder                 for a database of its own${
        engine
          ? `, or\n  DATA_DIR=another-folder ${share.filter(Boolean).join(" ")}   to share the other's`
          : ""
      }`,
  );
};

/** The command line of a process; empty when there is none. Process ids are reused, so a number alone says little. */
const commandOf = (pid: number): string => commands(pid).get(pid) ?? "";

/**
 * The embedded engines that work on a database file. Looked up among all processes rather than remembered:
 * a launcher can be killed between starting its engine and noting it down.
 */
const enginesOn = (databaseFile: string): number[] =>
  [...commands()]
    .filter(([, line]) => /dynoxide/.test(line) && line.endsWith(`--db-path ${databaseFile}`))
    .map(([pid]) => pid);

/**
 * The command lines of one process or of all.
 *
 * @throws Error where there is no `ps` to ask: without it two shops could write to one database
 */
const commands = (pid?: number): Map<number, string> => {
  const which = pid === undefined ? ["-A"] : ["-p", String(pid)];
  const { stdout, error } = spawnSync("ps", [...which, "-ww", "-o", "pid=", "-o", "command="], {
    encoding: "utf8",
  });
  if (error)
    throw new Error(`The program ps is needed to tell who uses the data directory: ${error.message}`);
  const lines = stdout.split("\n").flatMap((line) => line.match(/^\s*(\d+)\s+(.*)$/) ?? []);
  const found = new Map<number, string>();
  for (let i = 0; i + 2 < lines.length; i += 3) found.set(Number(lines[i + 1]), lines[i + 2] ?? "");
  return found;
};

/** A process that has ended but that its parent has not asked after is listed as defunct. */
const isRedis = (pid: number): boolean => /redis-server(?!.*<defunct>)/.test(commandOf(pid));

/** The Redis of a launcher that was killed: Redis itself writes and removes the file. */
const leftoverRedis = async (pidFile: string): Promise<number | undefined> => {
  const pid = Number(await readFile(pidFile, "utf8").catch(() => ""));
  return pid > 0 && isRedis(pid) ? pid : undefined;
};

/** Stops what a killed launcher left running: two engines must not write to one database file. */
const stopLeftover = async (what: string, pid: number, isThere: () => boolean): Promise<void> => {
  console.error(`Stopping the ${what} that a killed process left running (pid ${pid})`);
  process.kill(pid, "SIGTERM");
  for (const giveUpAt = Date.now() + STOP_TIMEOUT_MS; isThere(); await sleep(POLL_MS)) {
    if (Date.now() > giveUpAt) process.kill(pid, "SIGKILL");
  }
};
