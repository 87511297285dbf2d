import { describe, expect, test, vi } from "vitest";
import { ABSENT_TIER, openCacheByHand, refuse, settled } from "../testing/cache-by-hand.ts";
import { UNTRUSTED } from "./l2.ts";

describe("a value of the second tier", () => {
  test("is served and kept in memory", async () => {
    const hand = openCacheByHand();
    await hand.l2.put(1, hand.entryOf(4));
    expect(await hand.cache.read(1)).toMatchObject({
      entry: { value: "v4" },
      source: "redis",
      collapsed: false,
    });
    await settled();
    expect(hand.cache.peek(1)?.value).toBe("v4");
    expect(hand.loads).toEqual([]);
    expect(hand.timed).toEqual(["redis"]);
    expect(hand.cache.stats).toMatchObject({
      l1: { hits: 1, misses: 1 },
      l2: { hits: 1, misses: 0 },
      refreshes: 0,
    });
  });

  test.each([
    ["at", 0],
    ["past", 1],
  ])("is served %s its soft expiry, while one refresh runs", async (_, past) => {
    const hand = openCacheByHand();
    await hand.l2.put(1, hand.entryOf(0, { softExpiry: hand.state.clock + 1_000 }));
    hand.advance(1_000 + past);
    expect(await hand.cache.read(1)).toMatchObject({ entry: { version: 0 }, source: "redis" });
    await settled();
    expect(hand.loads).toEqual([false]);
    expect(hand.cache.peek(1)?.value).toBe("one");
    expect(hand.cache.stats).toMatchObject({ staleServed: 1, refreshes: 1 });
  });

  test("is refreshed ahead of its soft expiry where its load takes long, and is not stale yet", async () => {
    const hand = openCacheByHand();
    await hand.l2.put(1, hand.entryOf(0, { loadMs: 1e15 }));
    expect(await hand.cache.read(1)).toMatchObject({ entry: { version: 0 }, source: "redis" });
    await settled();
    expect(hand.cache.peek(1)?.value).toBe("one");
    expect(hand.cache.stats).toMatchObject({ staleServed: 0, refreshes: 1 });
  });

  test("is not served from its hard expiry on", async () => {
    const hand = openCacheByHand({ get: async () => hand.entryOf(4, { hardExpiry: hand.state.clock }) });
    expect((await hand.cache.read(1)).source).toBe("database");
    expect(hand.cache.stats.l2).toMatchObject({ hits: 0, misses: 1, untrusted: 0 });
  });

  test("is served if it is of the version of the last known write, and not if it is older", async () => {
    const hand = openCacheByHand();
    await hand.l2.put(1, hand.entryOf(2));
    hand.hear({ type: "invalidate", key: 1, version: 2 });
    expect(await hand.cache.read(1)).toMatchObject({ entry: { version: 2 }, source: "redis" });
    hand.hear({ type: "invalidate", key: 1, version: 3 });
    hand.database.set(1, { value: "three", version: 3 });
    expect(await hand.cache.read(1)).toMatchObject({ entry: { version: 3 }, source: "database" });
    expect(hand.loads).toEqual([true]);
  });
});

test("a tombstone not received here is found in the second tier, and its version is kept", async () => {
  const hand = openCacheByHand();
  await hand.l2.invalidate(1, 2);
  // The database is behind for longer than the cache tries: what was current when it began is handed out.
  expect(await hand.cache.read(1)).toMatchObject({ entry: { version: 1 }, source: "database" });
  expect(hand.loads).toEqual([true, true, true, true]);
  expect(hand.cache.stats).toMatchObject({ loads: 4, overtaken: 3, loadErrors: 0 });
  expect(hand.cache.recall(1)).toMatchObject({ kind: "tombstone", version: 2 });
  expect(hand.cache.peek(1)).toBeUndefined();
  hand.database.set(1, { value: "two", version: 2 });
  expect((await hand.cache.read(1)).entry.value).toBe("two");
  expect(hand.cache.peek(1)?.value).toBe("two");
});

describe("a lease", () => {
  test("that is granted goes back with the value, and nobody waits", async () => {
    const hand = openCacheByHand({ acquire: async () => "lease" });
    const [put, release] = [vi.spyOn(hand.l2, "put"), vi.spyOn(hand.l2, "release")];
    const before = hand.state.clock;
    await hand.cache.read(1);
    expect(hand.state.clock).toBe(before);
    expect(put.mock.calls).toEqual([[1, expect.objectContaining({ value: "one" }), "lease"]]);
    expect(release).not.toHaveBeenCalled();
    expect(hand.timed).toEqual(["redis", "dynamodb"]);
  });

  test("goes back without a value when the load fails", async () => {
    const hand = openCacheByHand({ acquire: async () => "lease" });
    const [put, release] = [vi.spyOn(hand.l2, "put"), vi.spyOn(hand.l2, "release")];
    hand.state.isDown = true;
    await expect(hand.cache.read(1)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
    expect(release.mock.calls).toEqual([[1, "lease"]]);
    expect(put).not.toHaveBeenCalled();
    expect(hand.cache.stats).toMatchObject({ loads: 1, loadErrors: 1 });
  });

  test("goes back without a value when there was a gap meanwhile", async () => {
    const hand = openCacheByHand({ acquire: async () => "lease" });
    const [put, release] = [vi.spyOn(hand.l2, "put"), vi.spyOn(hand.l2, "release")];
    const letGo = hand.hold();
    const reading = hand.cache.read(1);
    await settled();
    hand.gap();
    letGo();
    await reading;
    expect(release.mock.calls).toEqual([[1, "lease"]]);
    expect(put).not.toHaveBeenCalled();
  });

  test("of another process is waited for until its value is there", async () => {
    const hand = openCacheByHand({ acquire: async () => undefined });
    const get = vi.spyOn(hand.l2, "get");
    get.mockResolvedValueOnce(undefined);
    get.mockResolvedValueOnce(undefined);
    get.mockResolvedValueOnce(UNTRUSTED);
    get.mockResolvedValue(hand.entryOf(1));
    const before = hand.state.clock;
    expect(await hand.cache.read(1)).toMatchObject({ entry: { value: "v1" }, source: "redis" });
    expect(hand.loads).toEqual([]);
    expect(hand.state.clock - before).toBe(30);
  });

  test("of another process is not waited for beyond half a second, and the load then is nobody's", async () => {
    const hand = openCacheByHand({ acquire: async () => undefined });
    const [put, release] = [vi.spyOn(hand.l2, "put"), vi.spyOn(hand.l2, "release")];
    const before = hand.state.clock;
    expect((await hand.cache.read(1)).source).toBe("database");
    expect(hand.state.clock - before).toBe(500);
    expect(put.mock.calls).toEqual([[1, expect.objectContaining({ value: "one" }), undefined]]);
    expect(release).not.toHaveBeenCalled();
  });

  test("of another process is not waited for once the tier gives no answer", async () => {
    const hand = openCacheByHand({ acquire: async () => undefined });
    vi.spyOn(hand.l2, "get").mockResolvedValueOnce(undefined).mockImplementation(refuse);
    const before = hand.state.clock;
    expect((await hand.cache.read(1)).source).toBe("database");
    expect(hand.state.clock - before).toBe(10);
    expect(hand.cache.stats.l2.errors).toBe(1);
  });

  test("goes back with the value though the tier was given up meanwhile", async () => {
    let isUsable = true;
    const acquire = async () => {
      isUsable = false;
      return "lease";
    };
    const hand = openCacheByHand({ acquire, isUsable: () => isUsable });
    const put = vi.spyOn(hand.l2, "put");
    await hand.cache.read(1);
    expect(put.mock.calls).toEqual([[1, expect.objectContaining({ value: "one" }), "lease"]]);
  });

  test("that could not be asked for does not hinder the load or the fill", async () => {
    const hand = openCacheByHand({ acquire: refuse });
    const put = vi.spyOn(hand.l2, "put");
    expect((await hand.cache.read(1)).source).toBe("database");
    expect(put.mock.calls).toEqual([[1, expect.objectContaining({ value: "one" }), undefined]]);
  });
});

test("a tier that is away is neither asked nor filled, and the load need not be consistent", async () => {
  const hand = openCacheByHand(ABSENT_TIER);
  const calls = (["get", "put", "acquire", "release"] as const).map((name) => vi.spyOn(hand.l2, name));
  await hand.cache.read(1);
  hand.state.isDown = true;
  await expect(hand.cache.read(2)).rejects.toThrow();
  for (const call of calls) expect(call).not.toHaveBeenCalled();
  expect(hand.loads).toEqual([false, false]);
  expect(hand.cache.stats.l2).toEqual({ hits: 0, misses: 0, errors: 0, writes: 0, untrusted: 0 });
});
