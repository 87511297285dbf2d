import { expect, test } from "vitest";
import { currentRequest, runInRequestScope } from "../request-scope.ts";
import { coalesce } from "./coalesce.ts";

const limits = { maxBatch: 100, maxInFlight: 2 };
const keysUpTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

/** Loads ten times the key; notes the batches. */
const noting = (batches: (readonly number[])[], wait: () => Promise<void> = async () => undefined) => {
  return async (keys: readonly number[]) => {
    batches.push(keys);
    await wait();
    return new Map(keys.filter((key) => key !== 13).map((key) => [key, 10 * key]));
  };
};

/** Loads that wait until they are let go. */
const gated = () => {
  const batches: number[][] = [];
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const load = noting(batches, () => gate);
  return { ...coalesce(load, limits), batches, open };
};

test("keys of one turn go together, each once; one without a value is undefined", async () => {
  const batches: number[][] = [];
  const { load } = coalesce(noting(batches), limits);
  const values = await Promise.all([7, 8, 7, 13].map(load));
  expect(values).toEqual([70, 80, 70, undefined]);
  expect(batches).toEqual([[7, 8, 13]]);
});

test("more than a batch takes is split", async () => {
  const batches: number[][] = [];
  const { load } = coalesce(noting(batches), limits);
  await Promise.all(keysUpTo(250).map(load));
  expect(batches.map(({ length }) => length)).toEqual([100, 100, 50]);
});

test("of the keys of one turn no more batches than allowed are under way", async () => {
  const { load, inFlight, batches, open } = gated();
  const loading = Promise.all(keysUpTo(450).map(load));
  await new Promise(setImmediate);
  expect(inFlight()).toBe(2);
  expect(batches).toHaveLength(2);
  open();
  await loading;
  expect(batches.map(({ length }) => length)).toEqual([100, 100, 100, 100, 50]);
  expect(inFlight()).toBe(0);
});

test("no more batches than allowed are under way; what waits makes the next one larger", async () => {
  const { load, inFlight, batches, open } = gated();
  const loading: Promise<unknown>[] = [];
  for (const key of keysUpTo(30)) {
    loading.push(load(key));
    await new Promise(setImmediate);
  }
  expect(inFlight()).toBe(2);
  expect(batches).toEqual([[1], [2]]);
  open();
  await Promise.all(loading);
  expect(batches.slice(2)).toEqual([keysUpTo(30).slice(2)]);
});

test("a failed batch fails its own keys, and the next ones are loaded anew", async () => {
  let failures = 1;
  const { load } = coalesce(async (keys) => {
    failures -= 1;
    if (failures >= 0) throw new Error("down");
    return new Map(keys.map((key) => [key, key]));
  }, limits);
  const first = await Promise.allSettled([load(1), load(2)]);
  expect(first.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await load(1)).toBe(1);
});

test("a batch runs outside of the request that asked first", async () => {
  const scopes: (string | undefined)[] = [];
  const { load } = coalesce(async () => {
    scopes.push(currentRequest()?.requestId);
    return new Map<number, number>();
  }, limits);
  const signal = AbortSignal.abort();
  await runInRequestScope({ requestId: "impatient", signal }, () => load(1));
  expect(scopes).toEqual(["cache-load"]);
});
