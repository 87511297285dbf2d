import { Redis } from "ioredis";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { startRedis } from "../../loadtest/harness/redis-process.ts";
import type { BusMessage } from "../redis/bus.ts";
import { entryOf } from "../testing/entries.ts";
import {
  MAX_LIFETIME_MS,
  newPrefix,
  openParticipant,
  type RedisParticipant,
  untilUsable,
} from "../testing/redis-cache.ts";
import type { Entry } from "./entry.ts";
import { UNTRUSTED } from "./l2.ts";

const GARBAGE = [
  "garbage",
  "",
  "null",
  "true",
  "7",
  '"text"',
  "[]",
  '[{"type":"invalidate","key":1,"version":2}]',
  "{}",
  '{"type":"reset","service":"nope"}',
  '{"type":"reset","service":"__proto__"}',
  '{"type":"constructor"}',
  '{"__proto__":{"type":"mode","mode":"off"}}',
  '{"type":"mode","mode":"toString"}',
  '{"type":"from-a-newer-version","key":1}',
  '{"type":"invalidate","key":1}',
  '{"type":"invalidate","key":"1","version":2}',
  '{"type":"invalidate","key":1.5,"version":2}',
  '{"type":"invalidate","key":1,"version":-1}',
  '{"type":"invalidate","key":1,"version":1e999}',
  '{"type":"invalidate","key":1,"version":null}',
  '{"type":"pin","key":1,"until":1e300}',
  '{"type":"fault","service":"redis"}',
  '{"type":"fault","service":"redis","fault":{"failureRate":2},"at":1,"by":"x"}',
  '{"type":"invalidate","key":1,"version":2',
  "[".repeat(100_000),
  "x".repeat(5_000_000),
];

describeWithRedis("a Redis that holds and says anything", () => {
  const prefix = newPrefix();
  let one: RedisParticipant;
  /** Another program's: it may take longer than the 100 ms after which the participant gives up a call. */
  let outside: Redis;
  let lastKey = 0;
  const newKey = (): number => (lastKey += 1);
  const nameOf = (key: number): string => `${prefix}{${key}}`;
  beforeAll(async () => {
    const redis = await startRedis();
    outside = new Redis(redis.url);
    endWithTests(() => outside.disconnect());
    one = openParticipant(redis.url, prefix);
    await untilUsable(one);
  });
  beforeEach(() => {
    one.dropped.length = 0;
    one.distrusted.length = 0;
  });

  test("drops and counts invalid messages, and goes on hearing the valid ones", async () => {
    const heard: BusMessage[] = [];
    one.bus.onMessage((message) => heard.push(message));
    const gapsBefore = one.gaps.length;
    for (const text of GARBAGE) await outside.publish(`${prefix}bus`, text);
    await outside.publish(`${prefix}bus`, '{"type":"invalidate","key":1,"version":2,"news":true}');
    await vi.waitFor(() => expect(heard).toEqual([{ type: "invalidate", key: 1, version: 2 }]), 30_000);
    expect(one.dropped).toEqual(GARBAGE);
    expect(one.gaps).toHaveLength(gapsBefore);
  });

  test("takes no forged heartbeat", async () => {
    const channels = (await outside.pubsub("CHANNELS", `${prefix}bus:*`)) as string[];
    expect(channels).toHaveLength(1);
    const forged = ["garbage", "null", "[1e15,0,1,0]", "999999999999999 ", "-1 ", "1.5 ", "1e3 ", ""];
    for (const text of forged) await outside.publish(channels[0] ?? "", text);
    await vi.waitFor(() => expect(one.dropped).toEqual(forged), 30_000);
    const before = one.bus.heardUntil();
    await vi.waitUntil(() => one.bus.heardUntil() > before, 30_000);
  });

  // Those with an era are wrong in one thing only.
  test.each([
    "garbage",
    "",
    "7",
    "7 ",
    "7 null",
    '7 {"kind":"value"}',
    '7 ["value",1,1e15,1e15,"cut',
    '7 ["value",1,"soon",1e15,"v7","ERA"]',
    '7 ["value",1,1e999,1e999,"v7","ERA"]',
    '7 ["value",-1,1e15,1e15,"v7","ERA"]',
    '7 ["absent",1,1e15,1e15,null,"ERA"]',
    '7 ["constructor",1,1e15,1e15,"v7","ERA"]',
    '-7 ["value",1,1e15,1e15,"v7","ERA"]',
    '99999999999999999999 ["value",1,1e15,1e15,"v","ERA"]',
    '4000000000000000 ["value",1,1e15,1e15,{"an":"object"},"ERA"]',
    "é\u0000☃",
  ])("does not believe the value %j, and lets the next fill replace it", async (text) => {
    const key = newKey();
    await outside.set(nameOf(key), text.replace("ERA", one.bus.era()));
    expect(await one.tier.get(key)).toBe(UNTRUSTED);
    await one.tier.put(key, entryOf(1), await one.tier.acquire(key));
    expect(await one.tier.get(key)).toMatchObject({ value: "v1", version: 1 });
    expect(one.distrusted).toEqual([nameOf(key)]);
  });

  test("does not believe a valid value that a version before eras has written", async () => {
    const [key, in10Minutes] = [newKey(), Date.now() + 600_000];
    await outside.set(nameOf(key), `3 ["value",1,${in10Minutes},${in10Minutes},"v3"]`);
    expect(await one.tier.get(key)).toBe(UNTRUSTED);
    await one.tier.put(key, entryOf(3));
    expect(await one.tier.get(key)).toMatchObject({ value: "v3" });
  });

  test("keeps no entry for longer than its own entries live", async () => {
    const key = newKey();
    await outside.set(nameOf(key), `3 ["value",1,1e300,1e300,"v3","${one.bus.era()}"]`);
    const entry = (await one.tier.get(key)) as Entry<string>;
    expect(entry.value).toBe("v3");
    expect(entry.hardExpiry).toBeLessThanOrEqual(Date.now() + MAX_LIFETIME_MS);
    expect(entry.softExpiry).toBeLessThanOrEqual(entry.hardExpiry);
  });

  test.each<[string, (key: string) => Promise<unknown>]>([
    ["hash", (key) => outside.hset(key, "field", "1")],
    ["list", (key) => outside.lpush(key, "1")],
  ])("replaces a %s under the key of an entry and of its lease", async (_type, occupy) => {
    const key = newKey();
    await occupy(nameOf(key));
    await occupy(`${nameOf(key)}:lease`);
    expect(await one.tier.get(key)).toBeUndefined();
    const lease = await one.tier.acquire(key);
    expect(lease).toEqual(expect.any(String));
    await one.tier.put(key, entryOf(1), lease);
    expect(one.distrusted).toEqual([nameOf(key)]);
    expect(await one.tier.get(key)).toMatchObject({ value: "v1" });

    const written = newKey();
    await occupy(nameOf(written));
    await occupy(`${nameOf(written)}:lease`);
    await one.tier.invalidate(written, 5);
    expect(await one.tier.get(written)).toMatchObject({ kind: "tombstone", version: 5 });
  });

  test("takes a lease that would outlast every lease", async () => {
    const key = newKey();
    await outside.set(`${nameOf(key)}:lease`, "for ever");
    expect(await one.tier.acquire(key)).toEqual(expect.any(String));
    expect(await one.tier.acquire(key)).toBeUndefined();
  });

  test("survives a listener that throws, and takes its message for missed", async () => {
    const [failure, gapsBefore] = [new Error("a defect of the listener"), one.gaps.length];
    one.bus.onMessage(() => {
      throw failure;
    });
    await one.bus.publish({ type: "mode", mode: "off" });
    await vi.waitUntil(() => one.gaps.length > gapsBefore, 30_000);
    expect(one.dropped).toEqual([failure]);
    await untilUsable(one);
  });
});
