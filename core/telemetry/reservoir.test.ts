import { expect, test } from "vitest";
import { Reservoir } from "./reservoir.ts";

/** A seeded generator (mulberry32), so that the samples are the same in every run. */
const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

const sampleOf = (length: number, size: number, random: () => number): readonly number[] => {
  const reservoir = new Reservoir(size, random);
  for (let value = 0; value < length; value++) reservoir.add(value);
  return reservoir.values();
};

test("keeps everything while there is room", () => {
  expect(sampleOf(5, 5, seeded(1))).toEqual([0, 1, 2, 3, 4]);
});

test("never keeps more than its size, each value at most once", () => {
  const sample = sampleOf(10_000, 99, seeded(2));
  expect(sample).toHaveLength(99);
  expect(new Set(sample).size).toBe(99);
});

test("keeps early, middle and late values with the same probability", () => {
  const STREAM = 1_000;
  const SIZE = 50;
  const RUNS = 2_000;
  const TENTHS = 10;
  const random = seeded(3);
  const kept = new Array<number>(TENTHS).fill(0);
  for (let run = 0; run < RUNS; run++) {
    for (const value of sampleOf(STREAM, SIZE, random)) {
      const tenth = Math.floor((value * TENTHS) / STREAM);
      kept[tenth] = (kept[tenth] ?? 0) + 1;
    }
  }
  // Each tenth is expected 10,000 times with a standard deviation of about 92: five of them as tolerance.
  const expected = (RUNS * SIZE) / TENTHS;
  for (const count of kept) expect(Math.abs(count - expected)).toBeLessThan(460);
});
