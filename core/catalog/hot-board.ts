import type { HotKeys } from "../cache/hot-keys.ts";
import type { RedisClient } from "../cache/redis-client.ts";

/** Keys one process contributes, and keys the board holds. */
const CONTRIBUTED = 100;
const BOARD_SIZE = 10_000;

/** How much of a count is left when the next one comes. */
const FADING = 0.5;

/**
 * Which products all processes read most, kept in Redis for the processes to come: each process adds its own
 * counts from time to time, and old counts fade.
 */
export const openHotBoard = (redis: RedisClient | undefined, prefix: string, hot: HotKeys) => {
  const name = `${prefix}hot`;
  return {
    /** Adds this process's counts. */
    async contribute(): Promise<void> {
      if (!redis) return;
      const update = redis.multi().zunionstore(name, 1, name, "WEIGHTS", FADING);
      for (const { key, reads } of hot.top(CONTRIBUTED)) update.zincrby(name, reads, String(key));
      await update.zremrangebyrank(name, 0, -BOARD_SIZE - 1).exec();
    },
    /** The most read products, most first; those of this process alone where nothing is shared. */
    async top(limit: number): Promise<number[]> {
      if (!redis) return hot.top(limit).map(({ key }) => key);
      return (await redis.zrevrange(name, 0, limit - 1)).map(Number);
    },
  };
};
