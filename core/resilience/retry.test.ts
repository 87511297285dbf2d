import { expect, test } from "vitest";
import { fullJitter, retrying } from "./retry.ts";

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
