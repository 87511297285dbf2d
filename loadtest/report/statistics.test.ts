import fc from "fast-check";
import { expect, test } from "vitest";
import { seeded } from "../harness/random.ts";
import {
  differenceOf,
  intervalColumn,
  intervalName,
  median,
  medianInterval,
  percentile,
  ratioInterval,
  ratioOfMedians,
} from "./statistics.ts";

const samplesOf = (minLength: number) =>
  fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength, maxLength: 12 });

test("median and percentiles of known samples", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([0, 0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 95, 99, 100]);
});

test("an interval lies among the samples, around their median, and is the same every time", () => {
  fc.assert(
    fc.property(samplesOf(2), (samples) => {
      const { low, high } = medianInterval(samples) ?? { low: Number.NaN, high: Number.NaN };
      expect(low).toBeGreaterThanOrEqual(Math.min(...samples));
      expect(high).toBeLessThanOrEqual(Math.max(...samples));
      expect(median(samples)).toBeGreaterThanOrEqual(low);
      expect(median(samples)).toBeLessThanOrEqual(high);
      expect(medianInterval(samples)).toEqual({ low, high });
    }),
    { numRuns: 50 },
  );
  expect(medianInterval([1])).toBeUndefined();
  expect(medianInterval([5, 9, 7])).toEqual({ low: 5, high: 9 });
});

test("of many samples, the interval is that of the theory", () => {
  // The median of n normal samples has the standard error 1.2533 σ/√n.
  const random = seeded(3);
  const samples = Array.from({ length: 400 }, () => 100 + 10 * normal(random));
  const { low = 0, high = 0 } = medianInterval(samples) ?? {};
  const expected = (2 * 1.96 * 1.2533 * 10) / Math.sqrt(400);
  expect((high - low) / expected).toBeGreaterThan(0.7);
  expect((high - low) / expected).toBeLessThan(1.4);
});

test("a ratio's interval holds the ratio, and scales with it", () => {
  fc.assert(
    fc.property(samplesOf(2), samplesOf(2), (samples, baseline) => {
      const interval = ratioInterval(samples, baseline);
      const ratio = ratioOfMedians(samples, baseline);
      const doubled = ratioInterval(
        samples.map((sample) => 2 * sample),
        baseline,
      );
      expect(interval?.low).toBeLessThanOrEqual(ratio);
      expect(interval?.high).toBeGreaterThanOrEqual(ratio);
      expect(doubled?.high).toBeCloseTo(2 * (interval?.high ?? Number.NaN), 6);
    }),
    { numRuns: 50 },
  );
});

test("a difference needs an interval without 1, a change that matters, and three repeats", () => {
  const difference = (samples: number[], baseline: number[]) => differenceOf(samples, baseline).difference;
  expect(difference([20, 21, 22], [10, 11, 12])).toBe("higher");
  expect(difference([10, 11, 12], [20, 21, 22])).toBe("lower");
  expect(difference([10, 15, 22], [9, 14, 20])).toBe("same");
  expect(difference([102, 102.1, 102.2], [100, 100.1, 100.2])).toBe("same");
  expect(difference([20, 21], [10, 11, 12])).toBe("too few repeats");
  expect(difference([20], [10])).toBe("too few repeats");
});

test("nothing at all is no difference, and something instead of nothing is one", () => {
  expect(differenceOf([0, 0, 0], [0, 0, 0])).toEqual({
    difference: "same",
    ratio: 1,
    interval: { low: 1, high: 1 },
  });
  expect(differenceOf([4, 5, 6], [0, 0, 0])).toMatchObject({ difference: "higher", ratio: Infinity });
  expect(differenceOf([0, 0, 0], [4, 5, 6])).toMatchObject({ difference: "lower", ratio: 0 });
});

test.for([
  { repeats: 3, atMost: 0.13 },
  { repeats: 5, atMost: 0.07 },
])("noise alone passes for a difference no more often than is said, $repeats repeats", (given) => {
  const random = seeded(given.repeats);
  const noisy = () => Array.from({ length: given.repeats }, () => Math.exp(0.2 * normal(random)));
  const runs = 400;
  let alarms = 0;
  for (let run = 0; run < runs; run++) if (differenceOf(noisy(), noisy()).difference !== "same") alarms++;
  expect(alarms / runs).toBeLessThanOrEqual(given.atMost);
});

/** Box and Muller's method. */
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

test("an interval of few repeats is called what it is", () => {
  expect([2, 5, 6, 20].map(intervalName)).toEqual(["range", "range", "95 % interval", "95 % interval"]);
  const { title, cell } = intervalColumn([8, 3, 1]);
  expect(title).toBe("95 % interval");
  expect([cell("4–5", 8), cell("4–5", 3), cell("–", 1)]).toEqual(["4–5", "4–5 (range)", "–"]);
  expect(intervalColumn([3, 2]).title).toBe("range");
});
