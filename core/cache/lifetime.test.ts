import { expect, test } from "vitest";
import { supersedes } from "./entry.ts";
import { decodeEntry, encodeEntry } from "./entry-codec.ts";
import { isDue, loadedEntry, tombstone } from "./lifetime.ts";

const lifetime = { soft: 60_000, hard: 600_000 };
const value = (version: number, asOf = 0, loadMs = 5) =>
  loadedEntry({ value: "v", version }, { asOf, loadMs, lifetime });

test("lifetimes vary by a tenth, so that what was filled together does not expire together", () => {
  const expiries = Array.from({ length: 2_000 }, () => value(1).softExpiry);
  expect(Math.min(...expiries)).toBeGreaterThanOrEqual(54_000);
  expect(Math.max(...expiries)).toBeLessThanOrEqual(66_000);
  expect(Math.max(...expiries) - Math.min(...expiries)).toBeGreaterThan(10_000);
  const { softExpiry, hardExpiry } = value(1);
  expect(hardExpiry / softExpiry).toBeCloseTo(10, 6);
});

test("an early refresh is the likelier the nearer the expiry and the longer the load", () => {
  const entry = { ...value(1, 0, 100), softExpiry: 10_000 };
  const shareDue = (now: number, loadMs = 100): number => {
    const tries = Array.from({ length: 20_000 }, () => isDue({ ...entry, loadMs }, now));
    return tries.filter(Boolean).length / tries.length;
  };
  // XFetch refreshes with probability e^(-left / loadMs).
  for (const left of [50, 100, 200, 400]) {
    expect(shareDue(10_000 - left)).toBeCloseTo(Math.exp(-left / 100), 1);
  }
  expect(shareDue(9_900, 10)).toBeLessThan(0.01);
  expect(shareDue(0)).toBe(0);
  expect(shareDue(10_000)).toBe(1);
});

test("an entry loaded in no time is due once it has expired, and nothing is due far ahead of that", () => {
  const unlikely = () => 1e-300;
  const dueAt = (left: number, loadMs: number) =>
    isDue({ ...value(1), softExpiry: 10_000, loadMs }, 10_000 - left, unlikely);
  expect([dueAt(1, 0), dueAt(0, 0), dueAt(-1, 0)]).toEqual([false, true, true]);
  expect([dueAt(119, 10), dueAt(120, 10), dueAt(121, 10)]).toEqual([true, false, false]);
});

test("never an older version over a newer, and no tombstone over a value of its own version", () => {
  expect(supersedes(value(1), undefined)).toBe(true);
  expect(supersedes(value(2), value(1))).toBe(true);
  expect(supersedes(value(2), value(2))).toBe(true);
  expect(supersedes(value(1), value(2))).toBe(false);
  expect(supersedes(tombstone(2, 0), value(1))).toBe(true);
  expect(supersedes(tombstone(2, 0), value(2))).toBe(false);
  expect(supersedes(value(2), tombstone(2, 0))).toBe(true);
  expect(supersedes(value(1), tombstone(2, 0))).toBe(false);
});

test("an entry survives being written down", () => {
  for (const entry of [value(7), loadedEntry(undefined, { asOf: 3, loadMs: 1, lifetime }), tombstone(9, 3)]) {
    const options = {
      key: 1,
      asOf: entry.asOf,
      era: "e",
      maxLifetime: 1e9,
      parseValue: (read: unknown) => read,
    };
    expect(decodeEntry(encodeEntry(entry, "e"), options)).toMatchObject({ ...entry, json: undefined });
  }
});
