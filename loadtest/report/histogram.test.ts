import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bucketOf,
  bucketStart,
  type Histogram,
  histogramCount,
  histogramPercentile,
  mergeHistograms,
} from "./histogram.ts";
import { percentile } from "./statistics.ts";

const latency = fc.double({ min: 0.1, max: 60_000, noNaN: true });

const counted = (latencies: readonly number[]): Histogram =>
  mergeHistograms(latencies.map((ms) => ({ [bucketOf(ms)]: 1 })));

test("a latency lies in its bucket, and an edge in the bucket it opens", () => {
  fc.assert(
    fc.property(latency, (ms) => {
      expect(ms).toBeGreaterThanOrEqual(bucketStart(bucketOf(ms)));
      expect(ms).toBeLessThan(bucketStart(bucketOf(ms) + 1));
    }),
  );
  for (let bucket = 0; bucket < 300; bucket++) expect(bucketOf(bucketStart(bucket))).toBe(bucket);
  expect([0, 0.01, 0.1].map(bucketOf)).toEqual([0, 0, 0]);
});

test("merging loses nothing", () => {
  expect(mergeHistograms([{ "3": 2, "10": 1 }, {}, { "3": 5 }])).toEqual({ "3": 7, "10": 1 });
  expect(histogramCount(mergeHistograms([{ "3": 2 }, { "4": 5 }]))).toBe(7);
});

test("a percentile is that of the latencies to within a bucket", () => {
  fc.assert(
    fc.property(
      fc.array(latency, { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.95, 0.99),
      (...given) => {
        const [latencies, share] = given;
        const ratio =
          (histogramPercentile(counted(latencies), share) ?? Number.NaN) / percentile(latencies, share);
        expect(ratio).toBeGreaterThan(1 / 1.0501);
        expect(ratio).toBeLessThan(1.0501);
      },
    ),
  );
});

test("percentiles known beforehand", () => {
  expect(histogramPercentile({}, 0.5)).toBeNull();
  expect(histogramPercentile({ "20": 0 }, 0.5)).toBeNull();
  // Half of the bucket's answers lie below the geometric middle of its edges.
  expect(histogramPercentile({ "20": 4 }, 0.5)).toBeCloseTo(0.1 * 1.05 ** 20.5, 10);
  expect(histogramPercentile({ "20": 4 }, 1)).toBeCloseTo(0.1 * 1.05 ** 21, 10);
  expect(histogramPercentile({ "9": 90, "100": 10 }, 0.9)).toBeCloseTo(0.1 * 1.05 ** 10, 10);
  expect(histogramPercentile({ "100": 10, "9": 90 }, 0.95)).toBeCloseTo(0.1 * 1.05 ** 100.5, 10);
});
