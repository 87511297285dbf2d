import type { HotKeys } from "../cache/hot-keys.ts";
import type { DroppedInput } from "../redis/dropped-input.ts";
import type { RedisClient } from "../redis/redis-client.ts";

/** Keys one process contributes, and keys the board holds. */
const CONTRIBUTED = 100;
const BOARD_SIZE = 10_000;

/** How much of a count is left when the next interval comes. */
const FADING = 0.5;

/**
 * Adds counts (ARGV from 4 on: count, member, …). Whichever process comes first in an interval lets the old
 * counts fade, for all of them. A key of another type was put there by something else.
 */
const CONTRIBUTE = `
local board, fade, size = KEYS[1], KEYS[2], tonumber(ARGV[3])
if redis.call('TYPE', board).ok ~= 'zset' then redis.call('DEL', board) end
if redis.call('SET', fade, 1, 'PX', ARGV[1], 'NX') then
  redis.call('ZUNIONSTORE', board, 1, board, 'WEIGHTS', ARGV[2])
end
for i = 4, #ARGV, 2 do redis.call('ZINCRBY', board, ARGV[i], ARGV[i + 1]) end
return redis.call('ZREMRANGEBYRANK', board, 0, -size - 1)`;

export interface HotBoardOptions {
  readonly redis: RedisClient | undefined;
  readonly prefix: string;
  readonly hot: HotKeys;
  /** Milliseconds in which counts fade once. */
  readonly interval: number;
  readonly dropped: DroppedInput;
}

/**
 * Which products all processes read most, kept in Redis for the processes to come: each process adds its own
 * counts from time to time, and old counts fade.
 */
export const openHotBoard = ({ redis, prefix, hot, interval, dropped }: HotBoardOptions) => {
  const name = `${prefix}hot`;
  // The braces keep both keys on one node of a cluster.
  const fade = `{${name}}:fade`;
  // A little less than the interval: a process that adds at every interval finds it over.
  const fadeMs = Math.floor(0.9 * interval);
  return {
    /** Adds this process's counts. */
    async contribute(): Promise<void> {
      if (!redis) return;
      const counts = hot.top(CONTRIBUTED).flatMap(({ key, reads }) => [reads, key]);
      await redis.eval(CONTRIBUTE, 2, name, fade, fadeMs, FADING, BOARD_SIZE, ...counts);
    },
    /** The most read products, most first; those of this process alone where nothing is shared. */
    async top(limit: number): Promise<number[]> {
      if (!redis) return hot.top(limit).map(({ key }) => key);
      const members = await redis.zrevrange(name, 0, limit - 1);
      return members.flatMap((member) => {
        const id = Number(member);
        if (Number.isSafeInteger(id) && id > 0) return id;
        dropped.value(name, member);
        return [];
      });
    },
  };
};
