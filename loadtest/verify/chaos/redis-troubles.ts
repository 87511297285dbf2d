import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

/** Nobody listens there: a replica of it waits for its primary for ever. */
const NO_PRIMARY = ["127.0.0.1", 1] as const;

const DEMOTED_MS = 600;
const GARBAGE_EVERY_MS = 20;
const GARBAGE_ROUNDS = 30;

const CHANNEL = "stampede-products:bus";
const MESSAGES = [
  "garbage",
  "null",
  "[]",
  '{"type":"reset","service":"nope"}',
  '{"type":"from-a-newer-version"}',
  '{"type":"invalidate","key":1,"version":1e999}',
  "[".repeat(10_000),
];
/** Under the keys of products and their leases: text that is no entry, and data of another type. */
const KEYS = [1, 2, 3, 4].map((id) => `stampede-products:{${id}}`);

export const REDIS_TROUBLES = {
  /** Messages and values of every wrong kind, while the shop reads and writes. */
  garbage: async (redis: Redis): Promise<void> => {
    for (let round = 0; round < GARBAGE_ROUNDS; round++) {
      for (const message of MESSAGES) await redis.publish(CHANNEL, message);
      for (const key of KEYS) {
        if (round % 2 === 0) await redis.set(key, '1 ["value",1,');
        else await redis.multi().del(key).hset(key, "field", "1").exec();
      }
      await sleep(GARBAGE_EVERY_MS);
    }
  },
  /** Its connections stay open and it answers reads, but takes no write until it is a primary again. */
  demotion: async (redis: Redis): Promise<void> => {
    await redis.replicaof(...NO_PRIMARY);
    await sleep(DEMOTED_MS);
    await redis.replicaof("NO", "ONE");
  },
} as const satisfies Record<string, (redis: Redis) => Promise<void>>;

export type RedisTrouble = keyof typeof REDIS_TROUBLES;

/** Does it to the Redis behind a loopback port, past any proxy, until it is over. */
export const troubleRedis = async (port: number, trouble: RedisTrouble): Promise<void> => {
  const redis = new Redis({ port, host: "127.0.0.1" });
  try {
    await REDIS_TROUBLES[trouble](redis);
  } finally {
    redis.disconnect();
  }
};
