import { DomainError } from "../errors.ts";
import type { Bus } from "../redis/bus.ts";
import type { DroppedInput } from "../redis/dropped-input.ts";
import type { RedisClient } from "../redis/redis-client.ts";
import { INT32_MAX } from "./product.ts";

const REFRESH_MS = 10_000;

/** How long a pin lasts: an hour, in milliseconds. */
export const PIN_MS = 3_600_000;

/**
 * Products pinned at a time, at the most: a pinned product stays in every process's memory, and
 * `GET /products/hot` lists all of them.
 */
export const MAX_PINS = 100;

/**
 * Adds a pin unless too many others stand. A member that ends later than any pin was written by something
 * else; so was a key that is no sorted set.
 */
const PIN = `
local name, id, now, ends, most = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if redis.call('TYPE', name).ok ~= 'zset' then redis.call('DEL', name) end
redis.call('ZREMRANGEBYSCORE', name, '-inf', now)
redis.call('ZREMRANGEBYSCORE', name, '(' .. (now + 2 * ${PIN_MS}), '+inf')
if not redis.call('ZSCORE', name, id) and redis.call('ZCARD', name) >= most then return 0 end
redis.call('ZADD', name, ends, id)
redis.call('PEXPIRE', name, 2 * ${PIN_MS})
return 1`;

export interface PinsOptions {
  /** Where all processes keep their pins; without it they are this process's own. */
  readonly redis: RedisClient | undefined;
  readonly bus: Bus;
  readonly prefix: string;
  readonly now: () => number;
  readonly dropped: DroppedInput;
}

export type Pins = ReturnType<typeof openPins>;

/** The products that somebody declared hot, each until a moment in epoch milliseconds, known to every process. */
export const openPins = ({ redis, bus, prefix, now, dropped }: PinsOptions) => {
  const name = `${prefix}pins`;
  const until = new Map<number, number>();
  const listeners: ((id: number) => void)[] = [];

  const forgetExpired = (): void => {
    for (const [id, end] of until) if (end <= now()) until.delete(id);
  };

  /** Clocks differ, but no pin lasts for longer than it would if it were made now. */
  const learn = (id: number, end: number): void => {
    forgetExpired();
    const isNew = !until.has(id);
    if (isNew && until.size >= MAX_PINS) return;
    until.set(id, Math.max(Math.min(end, now() + PIN_MS), until.get(id) ?? 0));
    if (isNew) for (const listener of listeners) listener(id);
  };
  bus.onMessage((message) => {
    if (message.type !== "pin") return;
    if (isProductId(message.key)) learn(message.key, message.until);
    else dropped.message(JSON.stringify(message));
  });

  /** Pins made before this process started, or while it could not hear of them. */
  const catchUp = async (): Promise<void> => {
    if (!redis) return;
    const found = await redis.zrangebyscore(name, now(), "+inf", "WITHSCORES", "LIMIT", 0, MAX_PINS);
    for (let i = 0; i < found.length; i += 2) {
      const [id, end] = [Number(found[i]), Number(found[i + 1])];
      if (isProductId(id) && end > now()) learn(id, end);
      else dropped.value(name, found[i]);
    }
  };
  // Without an answer nothing is learned; the next turn asks again.
  const refresh = (): void => {
    forgetExpired();
    void catchUp().catch(() => undefined);
  };
  const timer = setInterval(refresh, REFRESH_MS);
  timer.unref?.();
  redis?.on("ready", refresh);

  /** Whether the pin was added where all processes find it. */
  const share = async (id: number, end: number): Promise<boolean> => {
    if (redis) return (await redis.eval(PIN, 1, name, id, now(), end, MAX_PINS)) === 1;
    forgetExpired();
    return until.has(id) || until.size < MAX_PINS;
  };

  return {
    /**
     * Pins a product for {@link PIN_MS}, in every process.
     *
     * @throws DomainError `TOO_MANY_PINS`; `CACHE_UNAVAILABLE` when the pin can't be shared
     */
    async pin(id: number): Promise<void> {
      const end = now() + PIN_MS;
      let isAdded: boolean;
      try {
        isAdded = await share(id, end);
        if (isAdded) await bus.publish({ type: "pin", key: id, until: end });
      } catch (cause) {
        throw new DomainError("CACHE_UNAVAILABLE", "Redis does not answer, so the pin could not be shared", {
          retryAfterSeconds: 1,
          cause,
        });
      }
      if (!isAdded) throw new DomainError("TOO_MANY_PINS", `${MAX_PINS} products are pinned already`);
      learn(id, end);
    },
    isPinned: (id: number): boolean => (until.get(id) ?? 0) > now(),
    ids: (): number[] => [...until].filter(([, end]) => end > now()).map(([id]) => id),
    onPinned: (listener: (id: number) => void): void => {
      listeners.push(listener);
    },
    close: (): void => clearInterval(timer),
  };
};

const isProductId = (id: number): boolean => Number.isInteger(id) && id >= 1 && id <= INT32_MAX;
