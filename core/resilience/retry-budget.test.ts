import { describe, expect, test } from "vitest";
import { RETRY_SETTINGS } from "./retry.ts";
import { openRetryBudget } from "./retry-budget.ts";

const ATTEMPTS = 5;

/** Calls of a dependency that fails a share of them evenly: attempts a call, and the share of calls that succeed. */
const play = (share: number, calls: number, budget = openRetryBudget(RETRY_SETTINGS)) => {
  let attempts = 0;
  let good = 0;
  // The fractional parts of multiples of the golden ratio are spread evenly, without runs.
  const fails = (): boolean => (attempts * 0.618_033_988_75) % 1 < share;
  for (let call = 0; call < calls; call++) {
    budget.deposit();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0 && !budget.tryWithdraw()) break;
      attempts += 1;
      budget.note(fails());
      if (fails()) continue;
      good += 1;
      break;
    }
  }
  return { load: attempts / calls, good: good / calls };
};

describe("the budget follows the trouble", () => {
  test("in a brown-out of 20 % nobody notices, for a quarter more calls", () => {
    const { load, good } = play(0.2, 10_000);
    expect(good).toBeGreaterThan(0.995);
    expect(load).toBeLessThanOrEqual(1.3);
  });

  test.each([0.5, 0.6, 0.8, 1])("with %d of the calls failing, next to no retries", (share) => {
    expect(play(share, 10_000).load).toBeLessThanOrEqual(1.1);
  });

  test("in quiet times every failure is retried", () => {
    const budget = openRetryBudget(RETRY_SETTINGS);
    for (let call = 0; call < 5; call++) budget.deposit();
    expect(Array.from({ length: 4 }, () => budget.tryWithdraw())).toEqual([true, true, true, true]);
  });

  test("after an outage retries are back within as many calls as it remembers", () => {
    const budget = openRetryBudget(RETRY_SETTINGS);
    play(1, 1_000, budget);
    expect(budget.tryWithdraw()).toBe(false);
    play(0, 100, budget);
    expect(play(0.2, 1_000, budget).good).toBeGreaterThan(0.98);
  });
});

test("without a budget there is no retry", () => {
  expect(play(0.2, 1_000, openRetryBudget({ ...RETRY_SETTINGS, budgetRatio: 0 })).load).toBe(1);
});
