import { expect, test } from "vitest";
import { fullJitter, openRetryBudget, RETRY_SETTINGS, retrying } from "./retry.ts";

test("a call is made again as often as allowed, then its error is the answer", async () => {
  for (const [failures, attempts, success] of [
    [0, 1, true],
    [2, 3, true],
    [5, 3, false],
  ] as const) {
    let made = 0;
    const outcome = await retrying(
      async () => {
        made += 1;
        if (made <= failures) throw new Error(`failure ${made}`);
        return "fine";
      },
      (_, retries) => (retries < 2 ? fullJitter(retries) : undefined),
    ).catch((error: Error) => error.message);
    expect([made, outcome]).toEqual([attempts, success ? "fine" : `failure ${attempts}`]);
  }
});

test("does not retry a failure that a retry cannot cure", async () => {
  let made = 0;
  const failing = retrying(
    async () => {
      made += 1;
      throw new Error("no");
    },
    () => undefined,
  );
  await expect(failing).rejects.toThrow("no");
  expect(made).toBe(1);
});

test("a caller that gives up during the wait gets the failure at once", async () => {
  const caller = new AbortController();
  const failing = retrying(
    async () => {
      throw new Error("failed");
    },
    () => {
      caller.abort();
      return 600_000;
    },
    caller.signal,
  );
  await expect(failing).rejects.toThrow("failed");
});

test("in a brown-out retries stay within a tenth of the requests", () => {
  const budget = openRetryBudget();
  let attempts = 0;
  const requests = 10_000;
  for (let request = 0; request < requests; request++) {
    budget.deposit();
    attempts += 1;
    // Every attempt fails.
    for (let retry = 0; retry < 2 && budget.tryWithdraw(); retry++) attempts += 1;
  }
  expect(attempts / requests).toBeLessThanOrEqual(
    1 + RETRY_SETTINGS.budgetRatio + RETRY_SETTINGS.budgetMax / requests,
  );
});

test("in quiet times every failure is retried", () => {
  const budget = openRetryBudget();
  for (let request = 0; request < 20; request++) budget.deposit();
  expect([budget.tryWithdraw(), budget.tryWithdraw()]).toEqual([true, true]);
});
