import { expect, test } from "vitest";
import { openDeferred } from "./deferred.ts";

test("takes orders up to their number and their sum, both included", () => {
  const deferred = openDeferred({ maxOrders: 3, maxCents: 100 });
  expect(deferred.tryAdd(101)).toBe(false);
  expect(deferred.tryAdd(60)).toBe(true);
  expect(deferred.tryAdd(41)).toBe(false);
  expect(deferred.tryAdd(40)).toBe(true);
  expect(deferred.stats()).toEqual({ orders: 2, cents: 100 });
  expect(deferred.tryAdd(0)).toBe(true);
  expect(deferred.tryAdd(0)).toBe(false);
});

test("has room again for one that was not placed after all", () => {
  const deferred = openDeferred({ maxOrders: 2, maxCents: 100 });
  deferred.tryAdd(60);
  deferred.tryAdd(30);
  deferred.remove(60);
  expect(deferred.stats()).toEqual({ orders: 1, cents: 30 });
});

test("forgets all once the processor is back, and takes none back that it has forgotten", () => {
  const deferred = openDeferred({ maxOrders: 2, maxCents: 100 });
  deferred.tryAdd(60);
  deferred.tryAdd(30);
  expect(deferred.clear()).toBe(2);
  deferred.remove(30);
  expect(deferred.stats()).toEqual({ orders: 0, cents: 0 });
  expect(deferred.clear()).toBe(0);
});
