import { expect, test } from "vitest";
import { counted, duration, factor, factorRange, figure, moment, range, withUnit } from "./format.ts";

test("figures have three significant digits, and a form that can be read", () => {
  const figures = [0, 5.5e-7, -5.5e-7, 0.01234, 0.998, 4.567, 45.67, 456.7, 4567.4, 1_234_567, -3.21];
  expect(figures.map(figure)).toEqual([
    "0",
    "5.5×10⁻⁷",
    "−5.5×10⁻⁷",
    "0.0123",
    "0.998",
    "4.57",
    "45.7",
    "457",
    "4,567",
    "1,234,567",
    "−3.21",
  ]);
  expect([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].map(figure)).toEqual([
    "∞",
    "−∞",
    "–",
  ]);
});

test("units, ratios, ranges, times and counts", () => {
  expect(withUnit(12.34, "ms")).toBe("12.3\u00a0ms");
  expect(withUnit(3, "")).toBe("3");
  expect([0.876, 1, 12.34, 0.0123, Number.POSITIVE_INFINITY].map(factor)).toEqual([
    "×0.88",
    "×1.00",
    "×12.3",
    "×0.0123",
    "×∞",
  ]);
  expect(factorRange({ low: 0.5, high: 2 })).toBe("×0.50–2.00");
  expect([range({ low: 1, high: 2.5 }), range(undefined)]).toEqual(["1–2.5", "–"]);
  expect([12.4, 59.6, 252].map(duration)).toEqual([
    "12\u00a0s",
    "1\u00a0min 0\u00a0s",
    "4\u00a0min 12\u00a0s",
  ]);
  expect(moment("2026-11-23T09:02:11.000Z")).toBe("2026-11-23 09:02 UTC");
  expect([counted(1, "check"), counted(0, "check")]).toEqual(["1 check", "0 checks"]);
});
