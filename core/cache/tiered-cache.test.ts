import { expect, test } from "vitest";
import { ABSENT_TIER, openCacheByHand, settled } from "../testing/cache-by-hand.ts";
import { HARD, SOFT } from "../testing/entries.ts";

test("10,000 readers of a cold key make one load", async () => {
  const { cache, loads } = openCacheByHand();
  const readings = await Promise.all(Array.from({ length: 10_000 }, () => cache.read(1)));
  expect(loads).toHaveLength(1);
  expect(readings.filter(({ collapsed }) => collapsed)).toHaveLength(9_999);
  expect(cache.peek(1)?.value).toBe("one");
});

test("keeps a value once where the second tier is process memory too", async () => {
  const { cache, l2, gap } = openCacheByHand({ name: "process" });
  await cache.read(1);
  expect(await l2.get(1)).toBeUndefined();
  gap();
  expect((await cache.read(1)).source).toBe("database");
  await cache.setMode("redis");
  await cache.read(1);
  expect((await cache.read(1)).source).toBe("process");
});

test("tells where each reading came from", async () => {
  const { cache, gap } = openCacheByHand();
  expect((await cache.read(1)).source).toBe("database");
  expect((await cache.read(1)).source).toBe("memory");
  gap();
  expect((await cache.read(1)).source).toBe("redis");
});

test("a key that does not exist is remembered briefly", async () => {
  const { cache, loads, database, advance } = openCacheByHand();
  for (let i = 0; i < 3; i++) expect((await cache.read(9)).entry.kind).toBe("absent");
  expect(loads).toHaveLength(1);
  database.set(9, { value: "nine", version: 1 });
  advance(15_000);
  expect((await cache.read(9)).entry.value).toBe("nine");
});

test("past its soft expiry an entry is served while one refresh runs", async () => {
  const { cache, loads, database, advance } = openCacheByHand();
  await cache.read(1);
  database.set(1, { value: "uno", version: 2 });
  advance(SOFT * 1.2);
  expect(cache.peek(1)?.value).toBe("one");
  expect(cache.peek(1)?.value).toBe("one");
  await settled();
  expect(loads).toHaveLength(2);
  expect(cache.peek(1)?.value).toBe("uno");
  expect(cache.stats).toMatchObject({ refreshes: 1, staleServed: 2 });
});

test("while the bus is cut a hot key never waits for a load, and is never older than the bound", async () => {
  const { cache, loads, database, state, advance } = openCacheByHand(ABSENT_TIER);
  await cache.read(1);
  state.heard = state.clock;
  for (let ms = 0; ms < 5_000; ms += 100) {
    advance(100);
    expect(cache.peek(1)).toBeDefined();
    await settled();
  }
  expect(loads.length).toBeGreaterThan(5);
  expect(loads.length).toBeLessThan(14);
  database.set(1, { value: "uno", version: 2 });
  advance(900);
  cache.peek(1);
  await settled();
  expect(cache.peek(1)?.value).toBe("uno");
});

test("keeps an entry fresh by loading it again before it expires", async () => {
  const { cache, loads, database, advance } = openCacheByHand();
  await cache.read(1);
  cache.keepFresh([1], 20_000);
  await settled();
  expect(loads).toHaveLength(1);
  database.set(1, { value: "uno", version: 2 });
  advance(SOFT * 0.85);
  cache.keepFresh([1, 2], 20_000);
  await settled();
  expect(cache.peek(1)?.value).toBe("uno");
  expect(cache.stats.staleServed).toBe(0);
});

test("when the database fails, what is there is served until its hard expiry", async () => {
  const { cache, state, advance } = openCacheByHand();
  await cache.read(1);
  state.isDown = true;
  advance(HARD * 0.8);
  expect((await cache.read(1)).entry.value).toBe("one");
  advance(HARD * 0.4);
  await expect(cache.read(1)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
});

test("a failed load is not remembered", async () => {
  const { cache, state } = openCacheByHand();
  state.isDown = true;
  await expect(cache.read(1)).rejects.toThrow();
  state.isDown = false;
  expect((await cache.read(1)).entry.value).toBe("one");
});

test("a second tier that fails costs an error each, never an answer", async () => {
  const fail = async () => {
    throw new Error("refused");
  };
  const { cache } = openCacheByHand({ get: fail, put: fail, acquire: fail, invalidate: fail });
  expect((await cache.read(1)).entry.value).toBe("one");
  await cache.invalidate(1, 2);
  await settled();
  expect(cache.stats.l2.errors).toBeGreaterThanOrEqual(3);
});

test("a tier that gives no answer is asked once a reading, so that nobody waits for it twice", async () => {
  const calls: string[] = [];
  const silent = (call: string) => async () => {
    calls.push(call);
    throw new Error("no answer in time");
  };
  const { cache } = openCacheByHand({ get: silent("get"), acquire: silent("acquire") });
  await cache.read(1);
  expect(calls).toEqual(["get"]);
});

test("mode off asks the database each time, mode redis the second tier", async () => {
  const { cache, loads } = openCacheByHand({ mode: "off" });
  await Promise.all([cache.read(1), cache.read(1)]);
  expect(loads).toHaveLength(2);
  await cache.setMode("redis");
  expect((await cache.read(1)).source).toBe("database");
  expect((await cache.read(1)).source).toBe("redis");
  expect(cache.peek(1)).toBeUndefined();
});

test("the mode can be switched from elsewhere", async () => {
  const { cache, hear } = openCacheByHand();
  await cache.read(1);
  hear({ type: "mode", mode: "off" });
  expect(cache.mode()).toBe("off");
  expect(cache.peek(1)).toBeUndefined();
});
