import { expect, test, vi } from "vitest";
import { ABSENT_TIER, openCacheByHand, settled } from "../testing/cache-by-hand.ts";

const FAULT_RESET = { type: "reset", service: "redis" } as const;

test("memory, the second tier and the database each count what they were asked", async () => {
  const { cache, timed } = openCacheByHand();
  await Promise.all([cache.read(1), cache.read(1), cache.read(2)]);
  expect(await cache.read(1)).toMatchObject({ source: "memory", collapsed: false });
  expect(cache.stats).toMatchObject({
    l1: { hits: 1, misses: 3 },
    l2: { hits: 0, misses: 2, writes: 2, errors: 0 },
    loads: 2,
    collapsed: 1,
    staleServed: 0,
  });
  expect(timed).toEqual(["redis", "redis", "dynamodb", "dynamodb"]);
  expect(cache.size().entries).toBe(2);
  expect(await cache.l2.get(1)).toMatchObject({ value: "one" });
});

test("without memory, memory counts nothing and keeps nothing", async () => {
  const { cache, database } = openCacheByHand({ mode: "redis" });
  await cache.read(1);
  expect(await cache.read(1)).toMatchObject({ source: "redis", collapsed: false });
  expect(cache.stats.l1).toEqual({ hits: 0, misses: 0 });
  expect(cache.size().entries).toBe(0);
  await cache.setMode("off");
  database.set(1, { value: "uno", version: 2 });
  expect(await cache.read(1)).toMatchObject({
    entry: { value: "uno" },
    source: "database",
    collapsed: false,
  });
});

test("a switch of the mode empties memory once, and is published to the other processes", async () => {
  const { cache, published, hear } = openCacheByHand();
  await cache.read(1);
  await cache.setMode("tiered");
  expect(cache.stats.flushes).toBe(0);
  expect(cache.peek(1)?.value).toBe("one");
  await cache.setMode("redis");
  expect(cache.stats.flushes).toBe(1);
  expect(cache.size().entries).toBe(0);
  hear({ type: "mode", mode: "redis" });
  expect(cache.stats.flushes).toBe(1);
  expect(published).toEqual([
    { type: "mode", mode: "tiered" },
    { type: "mode", mode: "redis" },
  ]);
});

test("a message about something else changes nothing here", async () => {
  const { cache, hear } = openCacheByHand();
  await cache.read(1);
  hear(FAULT_RESET);
  expect(cache.peek(1)?.value).toBe("one");
  expect(cache.mode()).toBe("tiered");
  expect(cache.stats).toMatchObject({ invalidations: 0, flushes: 0 });
});

test("a write is known here at once: the older value is neither served nor stale enough for an outage", async () => {
  const { cache, state, hear } = openCacheByHand();
  await cache.read(1);
  await cache.invalidate(1, 2);
  expect(cache.peek(1)).toBeUndefined();
  expect(cache.recall(1)).toMatchObject({ kind: "tombstone", version: 2 });
  expect(await cache.l2.get(1)).toMatchObject({ kind: "tombstone", version: 2 });
  hear({ type: "invalidate", key: 5, version: 1 });
  expect(cache.stats.invalidations).toBe(2);
  state.isDown = true;
  await expect(cache.read(1)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
});

test("from its hard expiry on an entry is served by no path", async () => {
  const { cache, state } = openCacheByHand(ABSENT_TIER);
  await cache.read(1);
  state.isDown = true;
  state.clock = cache.recall(1)?.hardExpiry ?? 0;
  state.clock -= 1;
  expect(cache.peek(1)?.value).toBe("one");
  state.clock += 1;
  expect(cache.peek(1)).toBeUndefined();
  await expect(cache.read(1)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
});

test("an entry counts as stale from its soft expiry on, not while it is refreshed ahead of that", async () => {
  const { cache, state } = openCacheByHand(ABSENT_TIER);
  await cache.read(1);
  const { softExpiry = 0 } = cache.recall(1) ?? {};
  state.clock = softExpiry - 30_000;
  state.heard = 0;
  expect(cache.peek(1)).toBeUndefined();
  state.heard = state.clock - 500;
  expect(cache.peek(1)?.value).toBe("one");
  expect(cache.stats.staleServed).toBe(0);
  await settled();
  state.heard = Number.POSITIVE_INFINITY;
  state.clock = cache.recall(1)?.softExpiry ?? 0;
  expect(cache.peek(1)?.value).toBe("one");
  expect(cache.stats.staleServed).toBe(1);
  await settled();
});

test("while the bus is heard, a fresh entry is not loaded again however often it is read", async () => {
  const { cache, l2, loads, advance } = openCacheByHand();
  await cache.read(1);
  const get = vi.spyOn(l2, "get");
  for (let ms = 0; ms < 5_000; ms += 500) {
    advance(500);
    expect(cache.peek(1)?.value).toBe("one");
    cache.keepFresh([1], 20_000);
    await settled();
  }
  expect(get).not.toHaveBeenCalled();
  expect(loads).toHaveLength(1);
});

test("without memory nothing is kept fresh", async () => {
  const { cache, l2, loads } = openCacheByHand({ mode: "redis" });
  const get = vi.spyOn(l2, "get");
  cache.keepFresh([1, 2], 20_000);
  await settled();
  expect(get).not.toHaveBeenCalled();
  expect(loads).toEqual([]);
});

test("a reading from before a gap that ends leaves the reading from after it to be shared", async () => {
  const { cache, loads, hold, gap } = openCacheByHand(ABSENT_TIER);
  const letFirstGo = hold();
  const before = cache.read(1);
  await settled();
  gap();
  const letSecondGo = hold();
  const after = cache.read(1);
  await settled();
  expect(cache.inFlight()).toBe(1);
  letFirstGo();
  await before;
  expect(cache.inFlight()).toBe(1);
  const shared = cache.read(1);
  letSecondGo();
  expect((await shared).collapsed).toBe(true);
  await after;
  expect(cache.inFlight()).toBe(0);
  expect(loads).toHaveLength(2);
});

test("warming ends when the values are in both tiers", async () => {
  const { cache, l2 } = openCacheByHand();
  const { put } = l2;
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  vi.spyOn(l2, "put").mockImplementation(async (...args) => {
    await gate;
    await put(...args);
  });
  let isWarm = false;
  const warming = cache.warm([1, 2]).then(() => {
    isWarm = true;
  });
  await settled();
  expect(cache.peek(1)?.value).toBe("one");
  expect(isWarm).toBe(false);
  open();
  await warming;
  expect(await Promise.all([1, 2].map(async (key) => (await l2.get(key)) !== undefined))).toEqual([
    true,
    true,
  ]);
});

test("is settled when fills have ended and the second tier has caught up with the writes", async () => {
  const steps: string[] = [];
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { cache } = openCacheByHand({
    put: () => gate.then(() => void steps.push("filled")),
    caughtUp: async () => {
      await settled();
      steps.push("caught up");
    },
  });
  await cache.read(1);
  const settling = cache.settled().then(() => void steps.push("settled"));
  await settled();
  open();
  await settling;
  expect(steps.toSorted()).toEqual(["caught up", "filled", "settled"]);
  expect(steps.at(-1)).toBe("settled");
});
