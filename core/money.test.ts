import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../loadtest/harness/property-runs.ts";
import { centsOf, fromCents, toCents } from "./money.ts";

/** Ten million currency units, the greatest price. */
const MAX_CENTS = 1_000_000_000;

test.each([
  [0, 0],
  [1.1, 110],
  [19.99, 1999],
  [0.07, 7],
  [9_999_999.99, 999_999_999],
  [1e7, 1_000_000_000],
  ["1.10", 110],
  ["1.5e3", 150_000],
  ["0.100", 10],
  ["-1.25", -125],
])("%s is %i cents", (amount, cents) => {
  expect(centsOf(amount)).toBe(cents);
});

test.each([
  ...[100_000.001, 500_000.555, 9_999_999.995, 0.000_000_001, 8.115, 1.005, 0.1 + 0.2],
  ...[Number.NaN, Number.POSITIVE_INFINITY, 1e21, 5e-324, Number.MAX_VALUE],
  ...["1.005", "1e-3", "1,50", "0x10", "", " 1", "1.", ".5", "€ 5", "9".repeat(400), "1e999999999"],
])("%s has no exact number of cents", (amount) => {
  expect(centsOf(amount)).toBeUndefined();
});

test("every number of cents up to the greatest price comes back from its amount, as a number and as text", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_CENTS }), (cents) => {
      const amount = fromCents(cents);
      expect(centsOf(amount)).toBe(cents);
      expect(toCents(amount)).toBe(cents);
      expect(centsOf(JSON.parse(JSON.stringify(amount)))).toBe(cents);
      expect(centsOf((cents / 100).toFixed(2))).toBe(cents);
    }),
    runs(2_000),
  );
});

test("an amount with a third decimal is refused, whatever its size", () => {
  const amounts = fc.tuple(fc.integer({ min: 0, max: MAX_CENTS - 1 }), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(amounts, ([cents, third]) => {
      const text = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}${third}`;
      expect(centsOf(text)).toBeUndefined();
      expect(centsOf(Number(text))).toBeUndefined();
    }),
    runs(2_000),
  );
});
