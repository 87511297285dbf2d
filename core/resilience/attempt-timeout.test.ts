import { expect, test } from "vitest";
import { openAttemptTimeout } from "./attempt-timeout.ts";

test("an attempt that is not the last waits for an eighth of the time, where answers come fast", () => {
  const timeout = openAttemptTimeout(800);
  for (let answer = 0; answer < 100; answer++) timeout.note(3);
  expect([0, 1, 2, 3, 4].map(timeout.quick)).toEqual([100, 100, 200, 400, 800]);
});

test("where answers have become slow, it waits as long as any other", () => {
  const timeout = openAttemptTimeout(800);
  for (let answer = 0; answer < 100; answer++) timeout.note(3);
  for (let answer = 0; answer < 32; answer++) timeout.note(300);
  expect(timeout.quick(0)).toBe(800);
});
