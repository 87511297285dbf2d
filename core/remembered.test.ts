import { expect, test } from "vitest";
import { remembered } from "./remembered.ts";

const counted = (loads: (() => Promise<number>)[]) => {
  let calls = 0;
  let now = 0;
  const figure = remembered(
    100,
    async () => (await loads[calls++]?.()) ?? calls,
    () => now,
  );
  return { figure, calls: () => calls, at: (time: number) => void (now = time) };
};

test("loads once for all who ask within the time", async () => {
  const { figure, calls, at } = counted([]);
  expect(await Promise.all([figure(), figure()])).toEqual([1, 1]);
  at(99);
  expect(await figure()).toBe(1);
  at(100);
  expect(await figure()).toBe(2);
  expect(calls()).toBe(2);
});

test("asks again after a failure", async () => {
  const { figure } = counted([() => Promise.reject(new Error("away"))]);
  await expect(figure()).rejects.toThrow("away");
  expect(await figure()).toBe(2);
});
