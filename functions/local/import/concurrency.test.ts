import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { eachConcurrently } from "./concurrency.ts";

test("every item once, never more at a time than asked for", async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await eachConcurrently(
    4,
    Array.from({ length: 20 }, (_, index) => index),
    async (item) => {
      most = Math.max(most, (running += 1));
      await sleep(1);
      running -= 1;
      done.push(item);
    },
  );
  expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(most).toBe(4);
});

test("a failure ends it once what is under way is done", async () => {
  const begun: number[] = [];
  let finished = 0;
  const all = eachConcurrently(2, [1, 2, 3, 4, 5, 6], async (item) => {
    begun.push(item);
    if (item === 2) throw new Error("two");
    await sleep(5);
    finished += 1;
  });
  await expect(all).rejects.toThrow("two");
  expect(begun).toEqual([1, 2]);
  expect(finished).toBe(1);
});

test("an aborted signal begins nothing new", async () => {
  const stopping = new AbortController();
  const begun: number[] = [];
  await eachConcurrently(
    1,
    [1, 2, 3],
    async (item) => {
      begun.push(item);
      if (item === 2) stopping.abort();
    },
    stopping.signal,
  );
  expect(begun).toEqual([1, 2]);
});
