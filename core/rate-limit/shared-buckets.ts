import type { AskRedis } from "../redis/redis-client.ts";
import type { Policy } from "./bucket.ts";

/**
 * Takes up to ARGV[3] tokens of a bucket of ARGV[1] tokens, of which ARGV[2] come back each millisecond. By Redis's own
 * clock: the processes' may differ. A key that holds anything but a bucket becomes a full one.
 */
const TAKE = `
local capacity, refill, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.pcall('HMGET', KEYS[1], 'tokens', 'at')
if held.err then redis.call('DEL', KEYS[1]) held = {} end
local tokens = tonumber(held[1] or nil) or capacity
local at = math.min(now, tonumber(held[2] or nil) or now)
tokens = math.max(0, math.min(capacity, tokens + (now - at) * refill))
local taken = math.min(wanted, math.floor(tokens))
redis.call('HSET', KEYS[1], 'tokens', tokens - taken, 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(capacity / refill))
return { taken, math.floor(tokens - taken) }`;

export interface Taken {
  readonly taken: number;
  /** Left in Redis. */
  readonly remaining: number;
}

/** Takes tokens for this process from the bucket that all processes share. */
export type TakeShared = (key: string, policy: Policy, wanted: number) => Promise<Taken>;

/** As much of a Redis client as this needs. */
interface ScriptedClient {
  defineCommand(name: string, script: { numberOfKeys: number; lua: string }): void;
}

type Scripted = { stampedeTake(...parameters: (string | number)[]): Promise<[number, number]> };

/** @param ask makes the call, and gives it up in time: every request of a client waits for it now and then */
export const openTakeShared = (client: ScriptedClient, prefix: string, ask: AskRedis): TakeShared => {
  client.defineCommand("stampedeTake", { numberOfKeys: 1, lua: TAKE });
  const scripts = client as unknown as Scripted;
  return async (key, { name, capacity, refill }, wanted) => {
    const bucket = `${prefix}rate:{${name}:${key}}`;
    const [taken, remaining] = await ask(() => scripts.stampedeTake(bucket, capacity, refill, wanted));
    return { taken, remaining };
  };
};
