import { expect, test, vi } from "vitest";
import { openCacheByHand, refuse, settled } from "../testing/cache-by-hand.ts";
import { SOFT } from "../testing/entries.ts";
import { UNTRUSTED } from "./l2.ts";

/** A cache that holds version 1 past its soft expiry. */
const withStale = async (overrides: Parameters<typeof openCacheByHand>[0] = {}) => {
  const hand = openCacheByHand(overrides);
  await hand.cache.read(1);
  await hand.cache.settled();
  hand.loads.length = 0;
  hand.advance(SOFT * 1.2);
  return hand;
};

/** The version that is served once the refresh that the first reader starts has ended. */
const refreshed = async ({ cache }: ReturnType<typeof openCacheByHand>) => {
  expect(cache.peek(1)?.version).toBe(1);
  await settled();
  return cache.peek(1)?.version;
};

test("a refresh takes the value that another process has loaded meanwhile", async () => {
  const hand = await withStale();
  await hand.l2.put(1, hand.entryOf(2));
  expect(await refreshed(hand)).toBe(2);
  expect(hand.loads).toEqual([]);
  expect(hand.cache.stats.refreshes).toBe(0);
});

test("a refresh loads where the second tier's value is due as well", async () => {
  const hand = await withStale();
  hand.database.set(1, { value: "two", version: 2 });
  expect(await refreshed(hand)).toBe(2);
  // A read that need not be consistent might return less than the version that is known.
  expect(hand.loads).toEqual([true]);
});

test("a refresh loads where the second tier's value is older than a write that is known here", async () => {
  const hand = await withStale();
  hand.database.set(1, { value: "three", version: 3 });
  const get = vi.spyOn(hand.l2, "get");
  get.mockImplementationOnce(async () => {
    hand.hear({ type: "invalidate", key: 1, version: 3 });
    return hand.entryOf(2);
  });
  expect(await refreshed(hand)).toBe(3);
  expect(hand.loads).toEqual([true]);
});

test("a refresh is left to the process that holds the lease", async () => {
  const hand = await withStale();
  vi.spyOn(hand.l2, "acquire").mockResolvedValue(undefined);
  expect(await refreshed(hand)).toBe(1);
  expect(hand.loads).toEqual([]);
  expect(hand.cache.stats.refreshes).toBe(0);
});

test("a refresh takes the lease, and gives it back with the value", async () => {
  const hand = await withStale();
  vi.spyOn(hand.l2, "acquire").mockResolvedValue("lease");
  const put = vi.spyOn(hand.l2, "put");
  await refreshed(hand);
  expect(put.mock.calls).toEqual([[1, expect.objectContaining({ value: "one" }), "lease"]]);
});

test("a refresh goes on without a tier that gives no answer, and asks it for no lease", async () => {
  const hand = await withStale();
  hand.database.set(1, { value: "two", version: 2 });
  vi.spyOn(hand.l2, "get").mockImplementation(refuse);
  const [acquire, put] = [vi.spyOn(hand.l2, "acquire"), vi.spyOn(hand.l2, "put")];
  expect(await refreshed(hand)).toBe(2);
  expect(acquire).not.toHaveBeenCalled();
  expect(put.mock.calls).toEqual([[1, expect.objectContaining({ value: "two" }), undefined]]);
});

test.each<[string, () => Promise<typeof UNTRUSTED | undefined>, boolean]>([
  ["something that is not believed", async () => UNTRUSTED, true],
  ["nothing", async () => undefined, false],
  ["a tier that gives no answer", refuse, false],
])("a refresh of a key that memory lacks, in the place of %s", async (_, get, isConsistent) => {
  const hand = openCacheByHand({ get });
  hand.cache.keepFresh([1], 20_000);
  await settled();
  expect(hand.cache.peek(1)?.value).toBe("one");
  expect(hand.loads).toEqual([isConsistent]);
});

test("a refresh that fails leaves the entry to be served, and the next reader tries again", async () => {
  const hand = await withStale();
  hand.state.isDown = true;
  expect(await refreshed(hand)).toBe(1);
  hand.state.isDown = false;
  hand.database.set(1, { value: "two", version: 2 });
  expect(await refreshed(hand)).toBe(2);
});
