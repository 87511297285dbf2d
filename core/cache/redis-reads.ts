import { Cluster } from "ioredis";
import { isWrongType, type RedisClient } from "../redis/redis-client.ts";
import { coalesce } from "./coalesce.ts";

/** Redis answers a command of a hundred keys in well under a millisecond. */
const MAX_KEYS = 100;

/** Commands under way at the most. */
const MAX_IN_FLIGHT = 8;

/**
 * Opens reads of single keys, of which those of one turn of the event loop share a command: MGET costs the client a
 * fraction of a GET for each key. The keys of a cluster lie on many nodes, which fail apart: there each is read by
 * itself, and the client sends the GETs of each node together.
 *
 * @param nameOf the name of a key in Redis
 * @param answered given each command, to bound and to judge it
 * @returns a function that gives undefined where a key holds nothing, or data of another type
 */
export const openRedisReads = (
  client: RedisClient,
  nameOf: (key: number) => string,
  answered: <T>(command: Promise<T>) => Promise<T>,
): ((key: number) => Promise<string | undefined>) => {
  if (client instanceof Cluster) {
    const readOne = (key: number) => client.get(nameOf(key)).catch(nullOfAnotherType);
    return async (key) => (await answered(readOne(key))) ?? undefined;
  }

  const load = async (keys: readonly number[]): Promise<Map<number, string>> => {
    const texts = await answered(client.mget(keys.map(nameOf)));
    const found = new Map<number, string>();
    for (const [at, key] of keys.entries()) {
      const text = texts[at];
      if (typeof text === "string") found.set(key, text);
    }
    return found;
  };
  return coalesce(load, { maxBatch: MAX_KEYS, maxInFlight: MAX_IN_FLIGHT }).load;
};

/** As MGET answers for it. */
const nullOfAnotherType = (error: unknown): null => {
  if (isWrongType(error)) return null;
  throw error;
};
