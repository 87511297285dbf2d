import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { type RedisProcess, startRedis } from "../../loadtest/harness/redis-process.ts";
import { newPrefix, openParticipant, type RedisParticipant, untilUsable } from "../testing/redis-cache.ts";
import { type Entry, supersedes } from "./entry.ts";
import { loadedEntry, tombstone } from "./lifetime.ts";

const lifetime = { soft: 60_000, hard: 600_000 };
const entryOf = (version: number, value = `v${version}`): Entry<string> =>
  loadedEntry(version === 0 ? undefined : { value, version }, { asOf: Date.now(), loadMs: 1, lifetime });

describeWithRedis("the tier in Redis", () => {
  let redis: RedisProcess;
  let first: RedisParticipant;
  let second: RedisParticipant;
  let lastKey = 0;
  const newKey = (): number => (lastKey += 1);

  beforeAll(async () => {
    redis = await startRedis();
    const prefix = newPrefix();
    [first, second] = [openParticipant(redis.url, prefix), openParticipant(redis.url, prefix)];
    await Promise.all([first, second].map((participant) => untilUsable(participant)));
  });

  test("a value put by one process is read by another, with its version and lifetimes", async () => {
    const [key, entry] = [newKey(), entryOf(3, "é ☃ {}")];
    await first.tier.put(key, entry);
    const read = await second.tier.get(key);
    expect(read).toMatchObject({ ...entry, asOf: expect.any(Number), json: undefined });
    expect((read as Entry<string>).asOf).toBeGreaterThanOrEqual(entry.asOf);
    expect(await second.tier.get(newKey())).toBeUndefined();
  });

  test("of puts that race, the newest version stays", async () => {
    const keys = Array.from({ length: 20 }, newKey);
    const versions = Array.from({ length: 50 }, (_, i) => i + 1);
    const puts = keys.flatMap((key) => versions.map((version) => ({ key, version })));
    const shuffled = puts
      .map((put) => ({ put, at: Math.random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ put }) => put);
    await Promise.all(
      shuffled.map(({ key, version }, i) => (i % 2 ? first : second).tier.put(key, entryOf(version))),
    );
    for (const key of keys) expect(await first.tier.get(key)).toMatchObject({ version: 50, value: "v50" });
  });

  test("Redis decides as `supersedes` does, after any sequence", async () => {
    const step = fc.record({
      isTombstone: fc.boolean(),
      version: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(9, 10, 11, 2 ** 40)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const key = newKey();
        let expected: Entry<string> | undefined;
        for (const { isTombstone, version } of steps) {
          const next = isTombstone ? tombstone(version, Date.now()) : entryOf(version);
          if (supersedes(next, expected)) expected = next;
          await (isTombstone ? first.tier.invalidate(key, version) : second.tier.put(key, next));
          const kept = (await first.tier.get(key)) as Entry<string> | undefined;
          expect([kept?.kind, kept?.version, kept?.value ?? undefined]).toEqual([
            expected?.kind,
            expected?.version,
            expected?.value,
          ]);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("an entry goes from Redis with its lifetime, a tombstone after a minute", async () => {
    const key = newKey();
    const ttl = async (): Promise<number> => {
      const [name] = await first.client.keys(`*{${key}}`);
      return first.client.pttl(name ?? "");
    };
    await first.tier.put(key, { ...entryOf(1), hardExpiry: Date.now() + 5_000 });
    expect(await ttl()).toBeGreaterThan(4_000);
    expect(await ttl()).toBeLessThanOrEqual(5_000);
    await first.tier.put(key, { ...entryOf(2), hardExpiry: Date.now() - 1 });
    expect(await second.tier.get(key)).toMatchObject({ version: 1 });
    await first.tier.invalidate(key, 3);
    expect(await ttl()).toBeGreaterThan(59_000);
  });

  test("a tombstone is published to every process, its writer included", async () => {
    const heard: unknown[] = [];
    for (const { bus } of [first, second]) bus.onMessage((message) => heard.push(message));
    const key = newKey();
    await first.tier.invalidate(key, 7);
    const message = { type: "invalidate", key, version: 7 };
    await vi.waitFor(() => expect(heard).toEqual([message, message]), 30_000);
  });

  test("a lease is one process's until it is given back, with the value or without", async () => {
    const key = newKey();
    const leases = await Promise.all([first, second, first, second].map(({ tier }) => tier.acquire(key)));
    const [lease, ...others] = leases.filter((granted) => granted !== undefined);
    expect(others).toEqual([]);
    await second.tier.release(key, "another's");
    await second.tier.put(key, entryOf(1), "another's");
    expect(await second.tier.acquire(key)).toBeUndefined();
    await first.tier.put(key, entryOf(1), lease);
    for (const name of await first.client.keys(`*{${key}}:lease`))
      expect(await first.client.pttl(name)).toBeLessThanOrEqual(500);
    // A reader that looked just before the fill finds the value instead of loading it again.
    expect(await second.tier.acquire(key)).toBeUndefined();
    const next = await vi.waitUntil(() => second.tier.acquire(key), { timeout: 30_000, interval: 10 });
    await second.tier.release(key, next);
    expect(await first.tier.acquire(key)).toEqual(expect.any(String));
  });

  test("a write takes the lease from a process that loads the older version", async () => {
    const key = newKey();
    await first.tier.put(key, entryOf(1), await first.tier.acquire(key));
    await first.tier.invalidate(key, 2);
    const lease = await second.tier.acquire(key);
    expect(lease).toEqual(expect.any(String));
    await first.tier.invalidate(key, 3);
    await second.tier.put(key, entryOf(2), lease);
    expect(await first.tier.get(key)).toMatchObject({ kind: "tombstone", version: 3 });
    expect(await first.tier.acquire(key)).toEqual(expect.any(String));
  });

  test("a refused put gives the lease back all the same", async () => {
    const key = newKey();
    await first.tier.invalidate(key, 5);
    const lease = await first.tier.acquire(key);
    await first.tier.put(key, entryOf(4), lease);
    expect(await second.tier.get(key)).toMatchObject({ kind: "tombstone", version: 5 });
    expect(await second.tier.acquire(key)).toEqual(expect.any(String));
  });

  test("a lease that nobody gives back ends by itself within a second", async () => {
    const key = newKey();
    await first.tier.acquire(key);
    const startedAt = Date.now();
    await vi.waitFor(async () => expect(await second.tier.acquire(key)).toBeDefined(), { timeout: 30_000 });
    expect(Date.now() - startedAt).toBeGreaterThan(800);
  });

  test("reloads the scripts into a Redis that has lost them", async () => {
    await first.client.script("FLUSH");
    const key = newKey();
    await Promise.all([first.tier.put(key, entryOf(1)), first.tier.put(newKey(), entryOf(1))]);
    await first.tier.invalidate(key, 2);
    expect(await second.tier.get(key)).toMatchObject({ kind: "tombstone", version: 2 });
  });
});
