import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { engineProgram, startEngine as startLocalEngine } from "../../functions/local/engine.ts";
import { startRedis as startLocalRedis } from "../../functions/local/redis-server.ts";

import { type ChildService, planService, type Running, startService } from "./child-service.ts";

/** An embedded DynamoDB outside the shop, so that a proxy can stand between them. */
export const startEngine = (databaseFile?: string): Promise<ChildService> =>
  startService((port) => startLocalEngine(databaseFile, { port }));

export type RedisSettings = Readonly<Record<string, string>>;

/** As it comes: what is to be cached is no matter of Redis's own limits. */
const PLAIN: RedisSettings = { maxmemory: "0", "maxmemory-policy": "noeviction" };

/** A Redis that `start` starts. @param dir its working directory */
export const planRedis = (dir: string, settings: RedisSettings = {}): Promise<ChildService> =>
  planService(async (port): Promise<Running> => {
    const redis = await startLocalRedis({ port, settings: { ...PLAIN, dir, ...settings } });
    if (!redis) throw new Error("redis-server did not start");
    return redis;
  });

/** A Redis that keeps nothing, or none where no `redis-server` is installed. */
export const startRedisIfInstalled = async (dir: string): Promise<ChildService | undefined> => {
  if (!isInstalled("redis-server")) return undefined;
  const redis = await planRedis(dir);
  await redis.start();
  return redis;
};

/** Whether a program is on the PATH. It is not run: Locust takes a second for its own version. */
export const isInstalled = (program: string): boolean =>
  (process.env.PATH ?? "").split(delimiter).some((dir) => existsSync(join(dir, program)));

/** The embedded DynamoDB's answer to `--version`; undefined where it does not run. */
export const engineVersion = (): string | undefined => {
  const { status, stdout } = spawnSync(engineProgram(), ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
};
