import { randomUUID } from "node:crypto";
import { vi } from "vitest";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { openRedisL2 } from "../cache/l2-redis.ts";
import { openRedisBus } from "../redis/redis-bus.ts";
import { openRedis, openSubscriber, type RedisSettings } from "../redis/redis-client.ts";

export const COMMAND_TIMEOUT_MS = 100;
export const MAX_LIFETIME_MS = 3_600_000;

export type RedisParticipant = ReturnType<typeof openParticipant>;

/** One process's view of the shared tier: its clients, its bus, its tier. Ends with the test file. */
export const openParticipant = (url: string, prefix: string, settings: Partial<RedisSettings> = {}) => {
  const all: RedisSettings = { url, cluster: false, commandTimeout: COMMAND_TIMEOUT_MS, ...settings };
  const client = openRedis(all);
  const subscriber = openSubscriber(all);
  const channel = `${prefix}bus`;
  const shared = { channel, now: Date.now };
  const dropped: unknown[] = [];
  const bus = openRedisBus({
    commands: client,
    subscriber,
    ...shared,
    onDropped: (text, error) => dropped.push(error ?? text),
  });
  const distrusted: string[] = [];
  const tier = openRedisL2<string>({
    client,
    bus,
    prefix,
    commandTimeout: COMMAND_TIMEOUT_MS,
    ...shared,
    maxLifetime: MAX_LIFETIME_MS,
    onUntrusted: (name) => distrusted.push(name),
    parseValue: (value) => (typeof value === "string" ? value : undefined),
  });
  const gaps: number[] = [];
  bus.onGap(() => gaps.push(Date.now()));
  const close = async (): Promise<void> => {
    bus.close();
    await tier.close();
  };
  endWithTests(close);
  return { client, subscriber, bus, tier, gaps, dropped, distrusted, close };
};

/** A prefix of its own, so that tests which share a Redis do not meet. */
export const newPrefix = (): string => `test-${randomUUID()}:`;

/** Milliseconds until Redis is used. */
export const untilUsable = async ({ tier }: RedisParticipant, timeout = 5_000): Promise<number> => {
  const startedAt = performance.now();
  await vi.waitUntil(tier.isUsable, { timeout, interval: 5 });
  return performance.now() - startedAt;
};

/** Milliseconds that a call takes, whether it resolves or rejects. */
export const timeOf = async (call: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await call().catch(() => undefined);
  return performance.now() - startedAt;
};
