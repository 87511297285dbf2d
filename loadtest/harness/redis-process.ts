import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChildService } from "./child-service.ts";
import { endWithTests } from "./end-with-tests.ts";
import { planRedis, type RedisSettings } from "./engine-and-redis.ts";

/** A real Redis for tests, on a loopback port that stays its own through every restart. It starts empty. */
export interface RedisProcess extends ChildService {
  readonly url: string;
  /** Output of `redis-cli` for a command. */
  readonly cli: (...command: string[]) => string;
}

/** A Redis that is not there yet: `start` starts it. It ends with the test file. */
export const plannedRedis = async (settings?: RedisSettings): Promise<RedisProcess> => {
  const dir = mkdtempSync(join(tmpdir(), "stampede-redis-"));
  const redis = await planRedis(dir, settings);
  endWithTests(async () => {
    await redis.kill();
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    ...redis,
    url: `redis://127.0.0.1:${redis.port}`,
    cli: (...command) => {
      const { stdout, stderr } = spawnSync("redis-cli", ["-p", String(redis.port), ...command], {
        encoding: "utf8",
      });
      return stdout + stderr;
    },
  };
};

export const startRedis = async (settings?: RedisSettings): Promise<RedisProcess> => {
  const redis = await plannedRedis(settings);
  await redis.start();
  return redis;
};
