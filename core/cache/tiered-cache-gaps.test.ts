import { expect, test } from "vitest";
import { ABSENT_TIER, openCacheByHand, settled } from "../testing/cache-by-hand.ts";
import { UNTRUSTED } from "./l2.ts";
import { tombstone } from "./lifetime.ts";

test("while the bus is silent, memory is believed for less than a second", async () => {
  const { cache, state, loads, advance } = openCacheByHand(ABSENT_TIER);
  await cache.read(1);
  state.heard = state.clock;
  advance(899);
  expect(cache.peek(1)?.value).toBe("one");
  advance(2);
  expect(cache.peek(1)).toBeUndefined();
  await cache.read(1);
  // One ahead of time, which came too late, and one for the reader.
  expect(loads).toHaveLength(3);
  state.heard = state.clock;
  advance(500);
  expect(cache.peek(1)?.value).toBe("one");
});

test("with the bus silent and the database down, stale is better than nothing", async () => {
  const { cache, state, advance } = openCacheByHand(ABSENT_TIER);
  await cache.read(1);
  state.heard = 0;
  state.isDown = true;
  advance(5_000);
  expect(await cache.read(1)).toMatchObject({ source: "stale", entry: { value: "one" }, collapsed: false });
  expect(cache.stats).toMatchObject({ staleServed: 1, loadErrors: 1 });
});

test("a load that hangs is not shared by readers who come beyond the bound while the bus is silent", async () => {
  const { cache, state, hold, database, advance } = openCacheByHand(ABSENT_TIER);
  state.heard = 0;
  const letGo = hold();
  const early = cache.read(1);
  await settled();
  advance(1_000);
  database.set(1, { value: "uno", version: 2 });
  const late = cache.read(1);
  letGo();
  expect((await late).entry.version).toBe(2);
  expect((await early).entry.version).toBe(1);
});

test("after a gap memory is empty, and what was on its way is neither kept nor shared", async () => {
  const { cache, hold, gap, database } = openCacheByHand(ABSENT_TIER);
  const letGo = hold();
  const before = cache.read(1);
  await settled();
  database.set(1, { value: "uno", version: 2 }); // Written elsewhere; its message is lost.
  const beside = cache.read(1);
  gap(); // Within the same millisecond.
  const after = cache.read(1);
  letGo();
  expect((await before).entry.version).toBe(1);
  expect((await beside).collapsed).toBe(true);
  expect((await after).entry.version).toBe(2);
  expect(cache.peek(1)?.version).toBe(2);
});

test("drops a value that was read before a gap and arrives after it", async () => {
  const { cache, hold, gap } = openCacheByHand(ABSENT_TIER);
  const letGo = hold();
  const reading = cache.read(1);
  await settled();
  gap();
  letGo();
  await reading;
  expect(cache.peek(1)).toBeUndefined();
});

test("a load that began before a gap does not fill the second tier, which may have lost a tombstone", async () => {
  const { cache, l2, hold, gap } = openCacheByHand();
  const letGo = hold();
  const reading = cache.read(1);
  await settled();
  gap();
  letGo();
  expect((await reading).entry.version).toBe(1);
  await cache.settled();
  expect(await l2.get(1)).toBeUndefined();
  await cache.read(1);
  await cache.settled();
  expect(await l2.get(1)).toMatchObject({ version: 1 });
});

test("loads consistently, and replaces, a value of the second tier that it does not trust", async () => {
  const { cache, loads } = openCacheByHand({ get: async () => UNTRUSTED });
  expect((await cache.read(1)).entry.value).toBe("one");
  expect(loads).toEqual([true]);
  expect(cache.stats.l2).toMatchObject({ misses: 1, untrusted: 1, errors: 0, writes: 1 });
});

test("a load that a write has overtaken is done again, consistently", async () => {
  const { cache, hold, hear, database, loads } = openCacheByHand();
  const letGo = hold();
  const reading = cache.read(1);
  await settled();
  database.set(1, { value: "uno", version: 2 });
  hear({ type: "invalidate", key: 1, version: 2 });
  letGo();
  expect((await reading).entry.version).toBe(2);
  expect(loads).toEqual([false, true]);
  expect(cache.stats.overtaken).toBe(1);
});

test("a reader that joins another's load does not accept a value older than a known write", async () => {
  const state = { polls: 0 };
  const { cache, hear, database } = openCacheByHand({
    acquire: async () => undefined,
    get: async () => {
      state.polls += 1;
      if (state.polls === 1) return undefined;
      if (state.polls === 2) {
        database.set(1, { value: "uno", version: 2 });
        hear({ type: "invalidate", key: 1, version: 2 });
      }
      return { ...tombstone(1, 1_000_000), kind: "value", value: "one" };
    },
  });
  expect((await cache.read(1)).entry.version).toBe(2);
});
