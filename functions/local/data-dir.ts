import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { checkDatabaseFile, noteClosed } from "./database-file.ts";
import { takeLock } from "./lock.ts";
import { type Owner, openOwnerFile, ownerOf, type Services } from "./owner.ts";
import { processesWith, stopLeftover } from "./processes.ts";
import { shutDownLeftoverRedis } from "./redis-server.ts";
import { StartError } from "./start-error.ts";

export interface DataDir {
  readonly databaseFile: string;
  readonly positionFile: string;
  readonly redisPidFile: string;
  readonly searchFile: string;
  /** Notes what was started, for those who want to share it. */
  readonly note: (services: Services) => Promise<void>;
  /** Gives up the directory, once what was started in it has ended. */
  readonly release: () => Promise<void>;
}

/** Thrown when a living process already works on the directory. */
export class DataDirInUseError extends StartError {
  override readonly name = "DataDirInUseError";
}

/**
 * Takes a data directory for this process. Leftovers of a killed process (its embedded engine still running
 * on the database file, its Redis) are found and cleared away.
 *
 * @throws DataDirInUseError when a living process has it
 * @throws StartError when the directory or the database in it cannot be used
 */
export const claimDataDir = async (dir: string): Promise<DataDir> => {
  await mkdir(dir, { recursive: true });
  const root = await realpath(dir); // One name, however it is reached: leftovers are found by their paths.
  const unlock = takeLock(join(root, "lock"));
  if (!unlock) throw inUse(root, await ownerOf(root));
  const databaseFile = join(root, "stampede.db");
  const redisPidFile = join(root, "redis.pid");
  const owner = openOwnerFile(root);
  try {
    await owner.write();
    for (const pid of secondsOn(databaseFile)) {
      await stopLeftover("second server process", pid, () => secondsOn(databaseFile).includes(pid));
    }
    for (const pid of enginesOn(databaseFile)) {
      await stopLeftover("embedded DynamoDB", pid, () => enginesOn(databaseFile).includes(pid));
    }
    await shutDownLeftoverRedis(redisPidFile);
    await checkDatabaseFile(databaseFile);
  } catch (error) {
    await owner.remove();
    unlock();
    throw error;
  }
  return {
    databaseFile,
    redisPidFile,
    positionFile: join(root, "stream-position.json"),
    searchFile: join(root, "search.db"),
    note: owner.note,
    release: async () => {
      await noteClosed(databaseFile);
      await owner.remove();
      unlock();
    },
  };
};

const inUse = (root: string, owner: Owner | undefined): DataDirInUseError => {
  const { engine, limits, redis } = owner ?? {};
  const share = [
    engine && `DYNAMODB_ENDPOINT=${(limits ?? engine).endpoint}`,
    redis && `REDIS_URL=${redis.url}`,
  ];
  return new DataDirInUseError(
    `${owner ? `Process ${owner.pid}` : "Another process"} already works on this data directory (${root}). ` +
      "Stop it, or start this one with\n" +
      `  DATA_DIR=another-folder                 for a database of its own${
        engine
          ? `, or\n  DATA_DIR=another-folder ${share.filter(Boolean).join(" ")}   to share the other's`
          : ""
      }`,
  );
};

/**
 * The embedded engines that work on a database file. Looked up among all processes rather than remembered:
 * a launcher can be killed between starting its engine and noting it down.
 */
const enginesOn = (databaseFile: string): number[] =>
  processesWith((command) => command.includes("dynoxide") && command.endsWith(`--db-path ${databaseFile}`));

/** The second server processes that were started with a database file. */
const secondsOn = (databaseFile: string): number[] =>
  processesWith((command) => command.includes("second-main.ts") && command.endsWith(` ${databaseFile}`));
