import { expect, test } from "vitest";
import { jsonOf } from "./entry.ts";
import { loadedEntry, tombstone } from "./lifetime.ts";
import { openMemoryTier } from "./memory-tier.ts";

const entryOf = <V>(value: V, version = 1) =>
  loadedEntry({ value, version }, { asOf: Date.now(), loadMs: 1, lifetime: { soft: 60_000, hard: 600_000 } });

test("serializes a value once for all its answers", () => {
  let serialized = 0;
  const value = { toJSON: () => ({ made: (serialized += 1) }) };
  const memory = openMemoryTier<unknown>(10_000);
  memory.put(1, entryOf(value));
  const hits = Array.from({ length: 3 }, () => memory.get(1));
  expect(hits.map((entry) => entry && jsonOf(entry))).toEqual(Array(3).fill('{"made":1}'));
});

test("counts the text of a value toward its bound, in bytes rather than characters", () => {
  const sizeWith = (text: string): number => {
    const memory = openMemoryTier<string>(1_000_000);
    memory.put(1, entryOf(text));
    return memory.size().bytes;
  };
  expect(sizeWith("a".repeat(1_000)) - sizeWith("")).toBeGreaterThanOrEqual(2_000);
  expect(sizeWith("漢".repeat(1_000)) - sizeWith("")).toBeGreaterThanOrEqual(4_000);
});

test("a newer version replaces an older one and its text", () => {
  const memory = openMemoryTier<string>(10_000);
  memory.put(1, entryOf("old", 1));
  memory.put(1, entryOf("new", 2));
  expect(memory.put(1, entryOf("old", 1))).toBe(false);
  const held = memory.get(1);
  expect(held && jsonOf(held)).toBe('"new"');
  memory.put(1, tombstone(3, Date.now()));
  memory.clear();
  expect(memory.get(1)).toMatchObject({ kind: "tombstone", version: 3 });
});
