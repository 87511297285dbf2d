import { expect, test } from "vitest";
import { fromCents, hasAtMostTwoDecimals, toCents } from "./money.ts";

test.each([0, 0.1, 0.29, 1.15, 19.99, 1_234_567.89, 10_000_000])(
  "%d survives the way to cents and back",
  (amount) => {
    expect(hasAtMostTwoDecimals(amount)).toBe(true);
    expect(fromCents(toCents(amount))).toBe(amount);
  },
);

test.each([0.001, 19.999, 1.005])("%d has more than two decimals", (amount) => {
  expect(hasAtMostTwoDecimals(amount)).toBe(false);
});
