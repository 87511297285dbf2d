import fc from "fast-check";
import { expect, test } from "vitest";
import { domainOf, logTicks, measuredTicks, spaced, tickText } from "./axes.ts";
import { textWidth } from "./svg.ts";

test("an axis holds its values; a linear one holds 0 too", () => {
  const values = fc.array(fc.double({ min: 1e-3, max: 1e7, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.constantFrom("linear" as const, "log" as const), (values, kind) => {
      const [low, high] = domainOf(values, kind);
      expect(low).toBeLessThanOrEqual(Math.min(...values) * (1 + 1e-9));
      expect(high).toBeGreaterThanOrEqual(Math.max(...values));
      expect(low < high).toBe(true);
      if (kind === "linear") expect(low).toBe(0);
    }),
  );
  expect(domainOf([9_999_999.99], "log")).toEqual([10_000_000, 20_000_000]);
  expect(domainOf([], "linear")).toEqual([0, 1]);
  expect(domainOf([0, 0], "linear")).toEqual([0, 1]);
  expect(domainOf([0, -3], "log")).toEqual([1, 10]);
});

test("a logarithmic axis counts by 1, 2 and 5, or by decades where there are many", () => {
  expect(logTicks([1, 100])).toEqual([1, 2, 5, 10, 20, 50, 100]);
  expect(logTicks([0.2, 5])).toEqual([0.2, 0.5, 1, 2, 5]);
  expect(logTicks([0.01, 1000])).toEqual([0.01, 0.1, 1, 10, 100, 1000]);
});

test("ticks have room for their texts, and the last is always there", () => {
  const ticks = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(ticks, (given) => {
      const sorted = given.sort((a, b) => a - b);
      const kept = spaced(sorted, (tick) => tick / 3);
      expect(kept.at(-1)).toBe(sorted.at(-1));
      for (let i = 1; i < kept.length; i++) {
        const [before = 0, after = 0] = [kept[i - 1], kept[i]];
        const needed = (textWidth(tickText(before)) + textWidth(tickText(after))) / 2;
        expect((after - before) / 3).toBeGreaterThan(needed);
      }
    }),
  );
});

test("measured loads are the ticks while they are few", () => {
  expect(measuredTicks([100, 250, 500, 1000, 100], (x) => x)).toEqual([100, 250, 500, 1000]);
  expect(
    measuredTicks(
      Array.from({ length: 60 }, (_, i) => i),
      (x) => 10 * x,
    ),
  ).toBeUndefined();
});

test("texts of ticks are short", () => {
  expect([0, 0.5, 950, 1200, 12_000, 3_400_000].map(tickText)).toEqual([
    "0",
    "0.5",
    "950",
    "1,200",
    "12k",
    "3.4M",
  ]);
});
