import { expect, test } from "vitest";
import { entryOf } from "../testing/entries.ts";
import { openProcessL2 } from "./l2-process.ts";

/** A second tier on a clock that is put forward by hand. */
const openTier = (maxBytes = 1_000_000) => {
  const clock = { now: 1_000_000 };
  const tier = openProcessL2<string>(maxBytes, () => clock.now);
  return { tier, clock, entryOf: (version: number) => entryOf(version, clock.now) };
};

test("never puts an older version over a newer one, nor a tombstone over a value of its version", async () => {
  const { tier, entryOf } = openTier();
  await tier.put(1, entryOf(2));
  await tier.put(1, entryOf(1));
  await tier.invalidate(1, 2);
  expect(await tier.get(1)).toMatchObject({ kind: "value", value: "v2", version: 2 });
  await tier.invalidate(1, 3);
  await tier.put(1, entryOf(2));
  expect(await tier.get(1)).toMatchObject({ kind: "tombstone", version: 3 });
});

test("an entry is gone from its hard expiry on, and an older version may come back then", async () => {
  const { tier, clock, entryOf } = openTier();
  const entry = { ...entryOf(2), hardExpiry: clock.now + 1_000 };
  await tier.put(1, entry);
  clock.now += 999;
  expect(await tier.get(1)).toMatchObject({ version: 2, asOf: clock.now });
  clock.now += 1;
  expect(await tier.get(1)).toBeUndefined();
  await tier.put(1, entryOf(1));
  expect(await tier.get(1)).toMatchObject({ version: 1 });
});

test("holds no more than its bytes, and keeps the entries that were read last", async () => {
  const { tier, entryOf } = openTier(30_000);
  const text = "x".repeat(5_000);
  for (const key of [1, 2, 3]) {
    await tier.put(key, { ...entryOf(1), value: text });
    await tier.get(1);
  }
  const kept = await Promise.all([1, 2, 3].map(tier.get));
  expect(kept).toMatchObject([{ value: text }, undefined, { value: text }]);
});

test("asks nobody for a lease, and is always there", async () => {
  const { tier } = openTier();
  expect([tier.name, tier.isUsable()]).toEqual(["process", true]);
  expect(await Promise.all([tier.acquire(1), tier.acquire(1)])).toEqual([
    expect.any(String),
    expect.any(String),
  ]);
  await tier.release(1, "mine");
  await tier.caughtUp();
});
