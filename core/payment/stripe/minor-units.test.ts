import { expect, test } from "vitest";
import { fromMinorUnits, toMinorUnits } from "./minor-units.ts";

test.each([
  ["usd", 1_999, 1_999],
  ["eur", 0, 0],
  ["jpy", 50_000, 500],
  ["isk", 50_000, 50_000],
  ["ugx", 10_000, 10_000],
  ["kwd", 512, 5_120],
])("%s: %i hundredths are %i for Stripe, and back", (currency, cents, amount) => {
  expect(toMinorUnits(cents, currency)).toBe(amount);
  expect(fromMinorUnits(amount, currency)).toBe(cents);
});

test.each(["jpy", "isk", "ugx"])("%s has no fractions: 19.99 can't be charged", (currency) => {
  expect(toMinorUnits(1_999, currency)).toBeUndefined();
});
