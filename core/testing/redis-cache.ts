import { randomUUID } from "node:crypto";
import { Cluster } from "ioredis";
import { vi } from "vitest";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { openRedisL2 } from "../cache/l2-redis.ts";
import { openRedisBus } from "../redis/redis-bus.ts";
import { openRedis, openSubscriber, type RedisClient, type RedisSettings } from "../redis/redis-client.ts";

const PATIENCE_MS = 30_000;
export const MAX_LIFETIME_MS = 3_600_000;

export type RedisParticipant = ReturnType<typeof openParticipant>;

/**
 * A client that has just been opened, made to wait for Redis as long as a busy machine may keep it from its answer: beyond
 * the limits that the client has by itself.
 */
export const patient = <Client extends RedisClient>(client: Client): Client => {
  const limits = { commandTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS };
  Object.assign(client instanceof Cluster ? (client.options.redisOptions ?? {}) : client.options, limits);
  return client;
};

/**
 * One process's view of the shared tier: its clients, its bus, its tier. Ends with the test file.
 *
 * @param settings with a `commandTimeout` where giving up is the subject; patient without
 */
export const openParticipant = (url: string, prefix: string, settings: Partial<RedisSettings> = {}) => {
  const all: RedisSettings = { url, cluster: false, commandTimeout: PATIENCE_MS, ...settings };
  const client = settings.commandTimeout === undefined ? patient(openRedis(all)) : openRedis(all);
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
    commandTimeout: all.commandTimeout,
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
export const untilUsable = async ({ tier }: RedisParticipant, timeout = PATIENCE_MS): Promise<number> => {
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
