import { randomInt } from "node:crypto";
import type { Config } from "../../core/config/config.ts";
import type { DataDir } from "./data-dir.ts";
import { type Engine, startEngine } from "./engine.ts";
import { startLimits } from "./limits/start-limits.ts";
import type { Programs } from "./programs.ts";
import { openProgress } from "./progress.ts";
import { answersPing, type LocalRedis, startRedis } from "./redis-server.ts";
import { seedDatabase } from "./seed.ts";
import { supervise } from "./supervise.ts";

type Stop = () => Promise<void>;

const LOOPBACK = new Set(["localhost", "127.0.0.1"]);

export interface Embedded {
  readonly stop: Stop;
  /** Whether the database was made just now, and holds the generated catalogue and nothing else. */
  readonly isSeeded: boolean;
}

/**
 * An address of this machine that no web page can guess. The engine answers every page of every site, so that one which
 * found it could read and write all there is. Linux alone has more than one loopback address.
 */
const hiddenLoopback = (): string => {
  if (process.platform !== "linux") return "127.0.0.1";
  const part = (): number => randomInt(1, 255);
  return `127.${part()}.${part()}.${part()}`;
};

/** Starts the embedded DynamoDB and tells the rest of the process where it is. */
export const startEmbedded = async (
  { databaseFile, note }: DataDir,
  config: Config,
  programs: Programs,
): Promise<Embedded> => {
  const isSeeded = await seedDatabase(config, databaseFile, openProgress());
  const host = hiddenLoopback();
  const engine = await startEngine(databaseFile, { host });
  process.env.DYNAMODB_ENDPOINT = engine.endpoint;
  const restart = async () => {
    await programs.untilWanted("dynamodb");
    return startEngine(databaseFile, { host, port: Number(new URL(engine.endpoint).port) });
  };
  const stop = supervise("embedded DynamoDB", engine, restart, ({ pid, endpoint }: Engine) => {
    programs.note("dynamodb", pid);
    return note({ engine: { pid, endpoint } });
  });
  return { stop, isSeeded };
};

/** Puts DynamoDB's limits in front of the database, where the settings ask for them. */
export const startLimitsFor = async (
  { note }: DataDir,
  { dynamodb: { endpoint, limits } }: Config,
): Promise<Stop | undefined> => {
  if (limits.rules.length === 0 || !endpoint) return undefined;
  const layer = await startLimits(endpoint, limits);
  process.env.DYNAMODB_ENDPOINT = layer.endpoint;
  const restart = () => startLimits(endpoint, { ...limits, port: Number(new URL(layer.endpoint).port) });
  return supervise("layer with DynamoDB's limits", layer, restart, ({ pid, endpoint: at }) =>
    note({ limits: { pid, endpoint: at } }),
  );
};

/**
 * Starts the Redis that nobody else has: a new one where the environment names none, and, for a stage that
 * `sst dev` works on, the one it links on this machine unless it is there already.
 *
 * @param url what the environment names
 */
export const startRedisFor = async (
  dataDir: DataDir,
  url: string | undefined,
  isStage: boolean,
  programs: Programs,
): Promise<Stop | undefined> => {
  if (url && !(isStage && (await isMissingHere(url)))) return undefined;
  const redis = await startRedis({
    pidFile: dataDir.redisPidFile,
    ...(url && { port: Number(new URL(url).port) }),
  });
  if (!redis) {
    console.error(
      url
        ? `No Redis answers at ${url}, and there is no redis-server on the PATH to start`
        : "No redis-server on the PATH: the second cache tier lives in this process",
    );
    return undefined;
  }
  if (!url) process.env.REDIS_URL = redis.url;
  return superviseRedis(dataDir, redis, programs);
};

const isMissingHere = async (url: string): Promise<boolean> => {
  const { protocol, hostname, port } = new URL(url);
  return protocol === "redis:" && LOOPBACK.has(hostname) && !(await answersPing(Number(port)));
};

const superviseRedis = ({ redisPidFile, note }: DataDir, redis: LocalRedis, programs: Programs): Stop => {
  const restart = async (): Promise<LocalRedis> => {
    await programs.untilWanted("redis");
    const again = await startRedis({ pidFile: redisPidFile, port: Number(new URL(redis.url).port) });
    if (!again) throw new Error("Redis did not come up again");
    return again;
  };
  return supervise("local Redis", redis, restart, ({ pid, url }) => {
    programs.note("redis", pid);
    return note({ redis: { pid, url } });
  });
};
