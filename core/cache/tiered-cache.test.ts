import { expect, test } from "vitest";
import { DomainError } from "../errors.ts";
import type { Bus, BusMessage, CacheMode } from "../redis/bus.ts";
import { openL1 } from "./l1.ts";
import { type L2, UNTRUSTED } from "./l2.ts";
import { openProcessL2 } from "./l2-process.ts";
import { tombstone } from "./lifetime.ts";
import type { Loaded } from "./reading.ts";
import { openTieredCache } from "./tiered-cache.ts";

const SOFT = 60_000;
const HARD = 600_000;

/** A cache on a clock, a bus and a database that the test moves by hand. */
const setUp = ({ mode = "tiered", ...overrides }: { mode?: CacheMode } & Partial<L2<string>> = {}) => {
  const state = { clock: 1_000_000, heard: Number.POSITIVE_INFINITY, isDown: false };
  const database = new Map<number, Loaded<string>>([[1, { value: "one", version: 1 }]]);
  const loads: boolean[] = [];
  let gate: Promise<void> | undefined;
  let tellGap = (): void => undefined;
  let tell = (_: BusMessage): void => undefined;
  const now = () => state.clock;
  const bus: Bus = {
    heardUntil: () => state.heard,
    publish: async () => undefined,
    onMessage: (listener) => {
      tell = listener;
    },
    onGap: (listener) => {
      tellGap = listener;
    },
  };
  const load = async (key: number, consistent: boolean) => {
    loads.push(consistent);
    const found = database.get(key);
    await gate;
    if (state.isDown) throw new DomainError("STORAGE_UNAVAILABLE", "down");
    return found;
  };
  // In memory, and shared as far as the cache can tell.
  const l2 = { ...openProcessL2<string>(1_000_000, now), name: "redis" as const, ...overrides };
  const cache = openTieredCache<string>({
    l1: openL1(1_000_000, now),
    l2,
    bus,
    load,
    loadAlone: (key) => load(key, false),
    mode,
    lifetimeOf: () => ({ soft: SOFT, hard: HARD }),
    now,
    sleep: async (ms) => {
      state.clock += ms;
    },
  });
  return {
    cache,
    l2,
    database,
    loads,
    state,
    advance: (ms: number) => {
      state.clock += ms;
    },
    /** Holds up loads until the returned function is called. */
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => {
        gate = undefined;
        resolve();
      };
    },
    gap: () => tellGap(),
    hear: (message: BusMessage) => tell(message),
  };
};

/** A second tier that never has anything and never stands in the way. */
const ABSENT_TIER = { isUsable: () => false };

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("10,000 readers of a cold key make one load", async () => {
  const { cache, loads } = setUp();
  const readings = await Promise.all(Array.from({ length: 10_000 }, () => cache.read(1)));
  expect(loads).toHaveLength(1);
  expect(readings.filter(({ collapsed }) => collapsed)).toHaveLength(9_999);
  expect(cache.peek(1)?.value).toBe("one");
});

test("keeps a value once where the second tier is process memory too", async () => {
  const { cache, l2, gap } = setUp({ name: "process" });
  await cache.read(1);
  expect(await l2.get(1)).toBeUndefined();
  gap();
  expect((await cache.read(1)).source).toBe("database");
  await cache.setMode("redis");
  await cache.read(1);
  expect((await cache.read(1)).source).toBe("process");
});

test("tells where each reading came from", async () => {
  const { cache, gap } = setUp();
  expect((await cache.read(1)).source).toBe("database");
  expect((await cache.read(1)).source).toBe("memory");
  gap();
  expect((await cache.read(1)).source).toBe("redis");
});

test("a key that does not exist is remembered briefly", async () => {
  const { cache, loads, database, advance } = setUp();
  for (let i = 0; i < 3; i++) expect((await cache.read(9)).entry.kind).toBe("absent");
  expect(loads).toHaveLength(1);
  database.set(9, { value: "nine", version: 1 });
  advance(15_000);
  expect((await cache.read(9)).entry.value).toBe("nine");
});

test("past its soft expiry an entry is served while one refresh runs", async () => {
  const { cache, loads, database, advance } = setUp();
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
  const { cache, loads, database, state, advance } = setUp(ABSENT_TIER);
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
  const { cache, loads, database, advance } = setUp();
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
  const { cache, state, advance } = setUp();
  await cache.read(1);
  state.isDown = true;
  advance(HARD * 0.8);
  expect((await cache.read(1)).entry.value).toBe("one");
  advance(HARD * 0.4);
  await expect(cache.read(1)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
});

test("a failed load is not remembered", async () => {
  const { cache, state } = setUp();
  state.isDown = true;
  await expect(cache.read(1)).rejects.toThrow();
  state.isDown = false;
  expect((await cache.read(1)).entry.value).toBe("one");
});

test("while the bus is silent, memory is believed for less than a second", async () => {
  const { cache, state, loads, advance } = setUp(ABSENT_TIER);
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
  const { cache, state, advance } = setUp(ABSENT_TIER);
  await cache.read(1);
  state.heard = 0;
  state.isDown = true;
  advance(5_000);
  expect(await cache.read(1)).toMatchObject({ source: "stale", entry: { value: "one" } });
});

test("a load that hangs is not shared by readers who come beyond the bound while the bus is silent", async () => {
  const { cache, state, hold, database, advance } = setUp(ABSENT_TIER);
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
  const { cache, hold, gap, database } = setUp(ABSENT_TIER);
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
  const { cache, hold, gap } = setUp(ABSENT_TIER);
  const letGo = hold();
  const reading = cache.read(1);
  await settled();
  gap();
  letGo();
  await reading;
  expect(cache.peek(1)).toBeUndefined();
});

test("a load that began before a gap does not fill the second tier, which may have lost a tombstone", async () => {
  const { cache, l2, hold, gap } = setUp();
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
  const { cache, loads } = setUp({ get: async () => UNTRUSTED });
  expect((await cache.read(1)).entry.value).toBe("one");
  expect(loads).toEqual([true]);
  expect(cache.stats.l2).toMatchObject({ misses: 1, untrusted: 1, errors: 0, writes: 1 });
});

test("a load that a write has overtaken is done again, consistently", async () => {
  const { cache, hold, hear, database, loads } = setUp();
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
  const { cache, hear, database } = setUp({
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

test("a second tier that fails costs an error each, never an answer", async () => {
  const fail = async () => {
    throw new Error("refused");
  };
  const { cache } = setUp({ get: fail, put: fail, acquire: fail, invalidate: fail });
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
  const { cache } = setUp({ get: silent("get"), acquire: silent("acquire") });
  await cache.read(1);
  expect(calls).toEqual(["get"]);
});

test("mode off asks the database each time, mode redis the second tier", async () => {
  const { cache, loads } = setUp({ mode: "off" });
  await Promise.all([cache.read(1), cache.read(1)]);
  expect(loads).toHaveLength(2);
  await cache.setMode("redis");
  expect((await cache.read(1)).source).toBe("database");
  expect((await cache.read(1)).source).toBe("redis");
  expect(cache.peek(1)).toBeUndefined();
});

test("the mode can be switched from elsewhere", async () => {
  const { cache, hear } = setUp();
  await cache.read(1);
  hear({ type: "mode", mode: "off" });
  expect(cache.mode()).toBe("off");
  expect(cache.peek(1)).toBeUndefined();
});
