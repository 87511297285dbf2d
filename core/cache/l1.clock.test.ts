import { afterEach, expect, test, vi } from "vitest";
import { jsonOf } from "./entry.ts";
import { openL1 } from "./l1.ts";
import { loadedEntry, tombstone } from "./lifetime.ts";

const entryOf = <V>(value: V, version = 1) =>
  loadedEntry({ value, version }, { asOf: Date.now(), loadMs: 1, lifetime: { soft: 60_000, hard: 600_000 } });

test("serializes a value once for all its answers", () => {
  let serialized = 0;
  const value = { toJSON: () => ({ made: (serialized += 1) }) };
  const memory = openL1<unknown>(10_000, Date.now);
  memory.put(1, entryOf(value));
  const hits = Array.from({ length: 3 }, () => memory.get(1));
  expect(hits.map((entry) => entry && jsonOf(entry))).toEqual(Array(3).fill('{"made":1}'));
});

test("counts the text of a value toward its bound, in bytes rather than characters", () => {
  const sizeWith = (text: string): number => {
    const memory = openL1<string>(1_000_000, Date.now);
    memory.put(1, entryOf(text));
    return memory.size().bytes;
  };
  expect(sizeWith("a".repeat(1_000)) - sizeWith("")).toBeGreaterThanOrEqual(1_000);
  expect(sizeWith("漢".repeat(1_000)) - sizeWith("")).toBeGreaterThanOrEqual(2_000);
});

test("gives each reader a value of its own, made from the text that it keeps", () => {
  const memory = openL1<{ name: string }>(1_000_000, Date.now);
  memory.put(1, { ...entryOf("one"), value: { name: "lamp" } });
  const entry = memory.get(1);
  expect(entry?.value).toEqual({ name: "lamp" });
  expect(entry?.value).not.toBe(entry?.value);
  expect(entry?.json).toBe('{"name":"lamp"}');
});

test("a newer version replaces an older one and its text", () => {
  const memory = openL1<string>(10_000, Date.now);
  memory.put(1, entryOf("old", 1));
  memory.put(1, entryOf("new", 2));
  expect(memory.put(1, entryOf("old", 1))).toBe(false);
  const held = memory.get(1);
  expect(held && jsonOf(held)).toBe('"new"');
  memory.put(1, tombstone(3, Date.now()));
  memory.clear();
  expect(memory.get(1)).toMatchObject({ kind: "tombstone", version: 3 });
});

afterEach(() => vi.useRealTimers());

const absentEntry = () =>
  loadedEntry<string>(undefined, { asOf: Date.now(), loadMs: 1, lifetime: { soft: 0, hard: 0 } });

test("removes absences and tombstones that have expired, though nobody asks for them again", () => {
  vi.useFakeTimers();
  const memory = openL1<string>(10_000_000, Date.now);
  memory.put(0, entryOf("kept"));
  for (let key = 1; key <= 1_000; key++) memory.put(key, absentEntry());
  for (let key = 2_001; key <= 3_000; key++) memory.put(key, tombstone(2, Date.now()));
  expect(memory.size().entries).toBe(2_001);
  vi.advanceTimersByTime(15_000);
  expect(memory.size().entries).toBe(1_001);
  vi.advanceTimersByTime(60_000);
  expect(memory.size().entries).toBe(1);
  expect(memory.get(0)?.value).toBe("kept");
  memory.close();
});

test("a value in the place of an absence or a tombstone stays", () => {
  vi.useFakeTimers();
  const memory = openL1<string>(10_000_000, Date.now);
  memory.put(1, absentEntry());
  memory.put(1, entryOf("one"));
  memory.put(2, tombstone(2, Date.now()));
  memory.put(2, entryOf("two", 2));
  vi.advanceTimersByTime(120_000);
  expect([memory.get(1)?.value, memory.get(2)?.value]).toEqual(["one", "two"]);
  memory.close();
});

test("holds a flood of absences within its bound", () => {
  const memory = openL1<string>(300_000, Date.now);
  for (let key = 1; key <= 50_000; key++) memory.put(key, absentEntry());
  expect(memory.size().entries).toBeLessThanOrEqual(1_000);
  expect(memory.size().bytes).toBeLessThanOrEqual(300_000);
  memory.close();
});

test("an absence that became a value holds up the removal of no other", () => {
  vi.useFakeTimers();
  const memory = openL1<string>(10_000_000, Date.now);
  for (const key of [1, 2]) memory.put(key, absentEntry());
  expect(memory.put(1, entryOf("one"))).toBe(true);
  memory.put(3, tombstone(2, Date.now()));
  memory.put(3, entryOf("three", 3));
  memory.put(4, tombstone(2, Date.now()));
  vi.advanceTimersByTime(120_000);
  expect([1, 2, 3, 4].map((key) => memory.get(key)?.value)).toEqual(["one", undefined, "three", undefined]);
  expect(memory.size().entries).toBe(2);
  memory.close();
});

test("a tombstone that outlives an emptying is removed all the same, and a closed memory removes nothing", () => {
  vi.useFakeTimers();
  const [memory, closed] = [openL1<string>(10_000_000, Date.now), openL1<string>(10_000_000, Date.now)];
  for (const each of [memory, closed]) {
    each.put(1, tombstone(2, Date.now()));
    each.put(2, entryOf("two"));
    each.clear();
    expect(each.size().entries).toBe(1);
  }
  closed.close();
  vi.advanceTimersByTime(62_000);
  expect([memory, closed].map((each) => each.size().entries)).toEqual([0, 1]);
  memory.close();
  expect(vi.getTimerCount()).toBe(0);
});
