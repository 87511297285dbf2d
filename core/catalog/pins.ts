import type { Bus } from "../cache/bus.ts";
import type { RedisClient } from "../cache/redis-client.ts";
import { DomainError } from "../errors.ts";

const REFRESH_MS = 10_000;

export interface PinsOptions {
  /** Where all processes keep their pins; without it they are this process's own. */
  readonly redis: RedisClient | undefined;
  readonly bus: Bus;
  readonly prefix: string;
  readonly now: () => number;
}

export type Pins = ReturnType<typeof openPins>;

/** The products that somebody declared hot, each until a moment in epoch milliseconds, known to every process. */
export const openPins = ({ redis, bus, prefix, now }: PinsOptions) => {
  const name = `${prefix}pins`;
  const until = new Map<number, number>();
  const listeners: ((id: number) => void)[] = [];

  const learn = (id: number, end: number): void => {
    const isNew = (until.get(id) ?? 0) <= now();
    until.set(id, Math.max(end, until.get(id) ?? 0));
    if (isNew) for (const listener of listeners) listener(id);
  };
  bus.onMessage((message) => {
    if (message.type === "pin") learn(message.key, message.until);
  });

  /** Pins made before this process started, or while it could not hear of them. */
  const catchUp = async (): Promise<void> => {
    if (!redis) return;
    const found = await redis.zrangebyscore(name, now(), "+inf", "WITHSCORES");
    for (let i = 0; i < found.length; i += 2) learn(Number(found[i]), Number(found[i + 1]));
  };
  const forgetExpired = (): void => {
    for (const [id, end] of until) if (end <= now()) until.delete(id);
  };
  // Without an answer nothing is learned; the next turn asks again.
  const refresh = (): void => {
    forgetExpired();
    void catchUp().catch(() => undefined);
  };
  const timer = setInterval(refresh, REFRESH_MS);
  timer.unref?.();
  redis?.on("ready", refresh);

  return {
    /**
     * Pins a product for so many milliseconds, in every process.
     *
     * @throws DomainError `CACHE_UNAVAILABLE` when the pins can't be shared
     */
    async pin(id: number, ms: number): Promise<void> {
      const end = now() + ms;
      try {
        if (redis) await redis.multi().zremrangebyscore(name, 0, now()).zadd(name, end, id).exec();
        learn(id, end);
        await bus.publish({ type: "pin", key: id, until: end });
      } catch (cause) {
        throw new DomainError("CACHE_UNAVAILABLE", "Redis does not answer, so the pin could not be shared", {
          retryAfterSeconds: 1,
          cause,
        });
      }
    },
    isPinned: (id: number): boolean => (until.get(id) ?? 0) > now(),
    ids: (): number[] => [...until].filter(([, end]) => end > now()).map(([id]) => id),
    onPinned: (listener: (id: number) => void): void => {
      listeners.push(listener);
    },
    close: (): void => clearInterval(timer),
  };
};
