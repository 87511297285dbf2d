import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { startRedis } from "../../loadtest/harness/redis-process.ts";
import { entryOf } from "../testing/entries.ts";
import { newPrefix, openParticipant, type RedisParticipant, untilUsable } from "../testing/redis-cache.ts";

/** However slow the machine is. */
const PATIENT_MS = 30_000;

/** Keys one process may request at once and still read the answers in time. */
const chunks = (keys: readonly number[]): number[][] =>
  Array.from({ length: Math.ceil(keys.length / 100) }, (_, i) => keys.slice(100 * i, 100 * (i + 1)));

/** For processes that give up a Redis that hangs. */
const HASTY = { commandTimeout: 100 };

const openTwo = async (url: string, settings = {}): Promise<[RedisParticipant, RedisParticipant]> => {
  const prefix = newPrefix();
  const pair: [RedisParticipant, RedisParticipant] = [
    openParticipant(url, prefix, settings),
    openParticipant(url, prefix, settings),
  ];
  await Promise.all(pair.map((participant) => untilUsable(participant)));
  return pair;
};

describeWithRedis("a Redis in trouble", () => {
  test("hung: calls are given up, and after the first nobody asks", async () => {
    const redis = await startRedis();
    const [first] = await openTwo(redis.url, HASTY);
    await vi.waitFor(() => first.tier.put(1, entryOf(1)), PATIENT_MS);
    redis.signal("SIGSTOP");
    const readOfTwoSteps = async (): Promise<void> => {
      await first.tier.get(1).catch(() => undefined);
      if (first.tier.isUsable()) await first.tier.acquire(1);
    };
    // Redis answers nothing before SIGCONT: what ends before that was given up.
    await readOfTwoSteps();
    expect(first.tier.isUsable()).toBe(false);
    await expect(first.tier.invalidate(2, 1)).rejects.toThrow();
    await expect(first.tier.acquire(3)).rejects.toThrow();
    await vi.waitUntil(() => !first.bus.isUp(), PATIENT_MS);
    redis.signal("SIGCONT");
    await untilUsable(first, PATIENT_MS);
    await vi.waitFor(async () => expect(await first.tier.get(1)).toMatchObject({ version: 1 }), PATIENT_MS);
  });

  test.concurrent("hung for longer than its connections are kept: used again all the same", async () => {
    const redis = await startRedis();
    const [first, second] = await openTwo(redis.url, HASTY);
    redis.signal("SIGSTOP");
    await sleep(2_000);
    redis.signal("SIGCONT");
    await Promise.all([untilUsable(first, PATIENT_MS), untilUsable(second, PATIENT_MS)]);
  });

  test.concurrent("killed and started again: a gap is noticed, and Redis is used again", async () => {
    const redis = await startRedis();
    const [first, second] = await openTwo(redis.url);
    const gapsBefore = first.gaps.length;
    await redis.kill();
    await vi.waitUntil(() => first.bus.heardUntil() === 0, PATIENT_MS);
    await expect(first.tier.get(1)).rejects.toThrow();
    await sleep(1_000);
    await redis.start();
    await Promise.all([untilUsable(first, PATIENT_MS), untilUsable(second, PATIENT_MS)]);
    expect(first.gaps.length).toBeGreaterThan(gapsBefore);
    await first.tier.put(1, entryOf(1));
    expect(await second.tier.get(1)).toMatchObject({ version: 1 });
  });

  test.concurrent("a tier has caught up once Redis has every write that it missed", async () => {
    const redis = await startRedis();
    const [writer, reader] = await openTwo(redis.url);
    await writer.tier.caughtUp();
    await redis.kill();
    await vi.waitUntil(() => writer.bus.heardUntil() === 0, PATIENT_MS);
    // More than are handed over at a time.
    const missed = Array.from({ length: 600 }, (_, i) => i + 1);
    const writes = await Promise.allSettled(missed.map((key) => writer.tier.invalidate(key, 2)));
    expect(writes.every(({ status }) => status === "rejected")).toBe(true);
    let hasCaughtUp = false;
    const catchingUp = writer.tier.caughtUp().then(() => {
      hasCaughtUp = true;
    });
    await new Promise(setImmediate);
    expect(hasCaughtUp).toBe(false);
    await redis.start();
    await catchingUp;
    const kept = await Promise.all(missed.map((key) => writer.tier.get(key)));
    expect(kept).toMatchObject(missed.map(() => ({ kind: "tombstone", version: 2 })));
    await writer.tier.caughtUp();
    await untilUsable(reader, PATIENT_MS);
    expect(await reader.tier.get(600)).toMatchObject({ version: 2 });
  });

  test.concurrent("from the moment its connection closes Redis is not used until a heartbeat", async () => {
    const redis = await startRedis();
    const [first] = await openTwo(redis.url);
    const isUsableThen = new Promise<boolean>((resolve) => {
      first.client.once("close", () => resolve(first.tier.isUsable()));
    });
    // Not within the millisecond of a heartbeat.
    await vi.waitUntil(() => Date.now() - first.bus.heardUntil() > 5, { timeout: PATIENT_MS, interval: 1 });
    first.client.disconnect(true);
    expect(await isUsableThen).toBe(false);
    await untilUsable(first, PATIENT_MS);
  });

  test.concurrent("refused from the start: used once it appears", async () => {
    const redis = await startRedis();
    await redis.kill();
    const participant = openParticipant(redis.url, newPrefix());
    await sleep(600);
    expect(participant.tier.isUsable()).toBe(false);
    await redis.start();
    await untilUsable(participant, PATIENT_MS);
  });

  test("writes made during an outage reach Redis before any process trusts it again", async () => {
    const redis = await startRedis();
    const [writer, reader] = await openTwo(redis.url);
    const keys = Array.from({ length: 2_000 }, (_, i) => i + 1);
    for (const chunk of chunks(keys)) await Promise.all(chunk.map((key) => writer.tier.put(key, entryOf(1))));
    // Hung, not killed: it comes back with the old values. The writer is back a little later than the reader.
    writer.client.disconnect();
    redis.signal("SIGSTOP");
    await Promise.allSettled(keys.map((key) => writer.tier.invalidate(key, 2)));
    await vi.waitUntil(() => !reader.bus.isUp(), PATIENT_MS);
    const gapsBefore = reader.gaps.length;
    redis.signal("SIGCONT");
    await vi.waitUntil(() => reader.bus.isUp(), PATIENT_MS);
    await sleep(300);
    await writer.client.connect();
    await untilUsable(reader, PATIENT_MS);
    const entries = [];
    for (const chunk of chunks(keys)) {
      entries.push(...(await Promise.all(chunk.map((key) => reader.tier.get(key)))));
    }
    expect(entries).toEqual(keys.map(() => expect.objectContaining({ version: 2 })));
    expect(reader.gaps.length).toBeGreaterThan(gapsBefore);
  });

  test("out of memory: values are refused, but a write still leaves its tombstone and publishes it", async () => {
    const redis = await startRedis({ maxmemory: "1" });
    const [writer, reader] = await openTwo(redis.url);
    await writer.client.config("SET", "maxmemory", "100mb");
    await writer.tier.put(1, entryOf(1));
    await writer.client.config("SET", "maxmemory", "1");
    await expect(writer.tier.put(2, entryOf(1))).rejects.toThrow(/OOM/);
    expect(await reader.tier.get(1)).toMatchObject({ version: 1 });

    const heard: unknown[] = [];
    reader.bus.onMessage((message) => heard.push(message));
    await writer.tier.invalidate(1, 2);
    await writer.tier.invalidate(3, 5);
    await vi.waitFor(() => expect(heard).toHaveLength(2), PATIENT_MS);
    expect(await reader.tier.get(1)).toMatchObject({ kind: "tombstone", version: 2 });
    expect(await reader.tier.get(3)).toMatchObject({ kind: "tombstone", version: 5 });
    // Nobody waits for a holder of a lease that nobody could take.
    expect(await reader.tier.acquire(1)).toEqual(expect.any(String));
    expect(reader.tier.isUsable()).toBe(true);
  });
});
