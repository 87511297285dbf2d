import { expect, test } from "vitest";
import { seeded } from "../../loadtest/harness/random.ts";
import { type Distribution, Histogram, quantileOf } from "./histogram.ts";

/** Half the width of a bucket, relative to its value. */
const BOUND = 1 / 64;

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Latencies in milliseconds, as services have them. */
const SHAPES: Readonly<Record<string, (random: () => number) => number>> = {
  uniform: (random) => random() * 100,
  lognormal: (random) => 0.05 * Math.exp(1.2 * normal(random)),
  "bimodal: hits of memory, and misses": (random) =>
    random() < 0.94 ? 0.04 * (1 + random()) : 5 + 3 * random(),
  "heavy tail": (random) => 0.1 * (1 - random()) ** (-1 / 1.1),
  constant: () => 0.137,
  "far apart": (random) => 10 ** (9 * random() - 4),
};

const exact = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;

const cases = Object.keys(SHAPES).flatMap((shape) =>
  [1, 2, 7, 99, 1_000, 20_000].map((count) => [shape, count] as const),
);

test.each(cases)("%s, %i values: percentiles within a 64th, count and extremes exact", (shape, count) => {
  const random = seeded(count);
  const values = Array.from({ length: count }, () => SHAPES[shape]?.(random) ?? 0);
  const histogram = new Histogram();
  const read = histogram.openReader();
  for (const value of values) histogram.add(value);
  const distribution = read();
  const sorted = Float64Array.from(values).sort();
  for (const share of [0.5, 0.9, 0.95, 0.99, 0.999]) {
    const right = exact([...sorted], share);
    const error = Math.abs((quantileOf([distribution], share) ?? Number.NaN) / right - 1);
    expect(error, `p${100 * share}`).toBeLessThanOrEqual(BOUND);
  }
  expect(distribution.values[0]).toBe(sorted[0]);
  expect(distribution.values.at(-1)).toBe(sorted.at(-1));
  expect(distribution.count).toBe(count);
  expect(distribution.counts.reduce((sum, times) => sum + times, 0)).toBe(count);
  expect(distribution.sum).toBeCloseTo(
    values.reduce((sum, value) => sum + value, 0),
    3,
  );
});

test("the quantiles of several processes and intervals are those of all their values", () => {
  const random = seeded(4);
  const all: number[] = [];
  const parts: Distribution[] = [];
  // One process has 99 of 100 requests, the other the slow ones.
  for (const [count, slowness] of [
    [99_000, 1],
    [1_000, 50],
  ] as const) {
    const histogram = new Histogram();
    const read = histogram.openReader();
    for (let interval = 0; interval < 5; interval++) {
      for (let at = 0; at < count / 5; at++) {
        const value = slowness * (1 + random());
        histogram.add(value);
        all.push(value);
      }
      parts.push(read());
    }
  }
  const sorted = all.toSorted((one, other) => one - other);
  for (const share of [0.5, 0.95, 0.99, 0.995]) {
    expect(Math.abs((quantileOf(parts, share) ?? 0) / exact(sorted, share) - 1)).toBeLessThanOrEqual(BOUND);
  }
});

test("each reader gets every value once, and its own extremes", () => {
  const histogram = new Histogram();
  const slow = histogram.openReader();
  histogram.add(10);
  const fast = histogram.openReader();
  histogram.add(1);
  histogram.add(5);
  expect(fast()).toMatchObject({ count: 2, sum: 6, values: [1, 5] });
  histogram.add(7);
  expect(fast()).toMatchObject({ count: 1, sum: 7, values: [7], counts: [1] });
  expect(fast()).toEqual({ count: 0, sum: 0, values: [], counts: [] });
  expect(slow()).toMatchObject({ count: 4, sum: 23 });
  histogram.add(2);
  expect([slow().values, fast().values]).toEqual([[2], [2]]);
});

test("takes what no clock should give: zero, less, endless, and no number", () => {
  const histogram = new Histogram();
  const read = histogram.openReader();
  for (const value of [0, -5, 1e-12, 1e300, Number.POSITIVE_INFINITY]) histogram.add(value);
  expect(read().count).toBe(5);
  histogram.add(Number.NaN);
  histogram.add(3);
  const { values, counts } = read();
  expect(quantileOf([{ count: 2, sum: 0, values, counts }], 1)).toBe(3);
});

test("a value on a bound is counted up to it, and the next greater one is not", () => {
  const histogram = new Histogram();
  for (const value of [0, 0.5, 1, 1.49, 1.5, 2, 3, 1_024, 1_024 + 2 ** -42, 1_536]) histogram.add(value);
  expect(histogram.cumulative([0.5, 1, 1.5, 2, 4, 1_024, 1_536])).toMatchObject({
    count: 10,
    upTo: [2, 3, 5, 6, 7, 8, 10],
  });
});

test("the sum never falls, whatever the clock does", () => {
  const histogram = new Histogram();
  const read = histogram.openReader();
  histogram.add(5);
  for (const value of [-3, Number.NaN, -0]) {
    histogram.add(value);
    expect(histogram.cumulative([1]).sum).toBe(5);
  }
  expect(histogram.cumulative([1])).toMatchObject({ count: 4, upTo: [3] });
  expect(read()).toMatchObject({ count: 4, sum: 5 });
});

test("no values have no quantile", () => {
  expect(quantileOf([new Histogram().openReader()()], 0.5)).toBeUndefined();
});
