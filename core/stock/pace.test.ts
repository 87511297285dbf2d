import { expect, test } from "vitest";
import { openPace } from "./pace.ts";

const openMedian = () => openPace(() => 0.5);

test("a counter that nobody else writes rests never", () => {
  const pace = openMedian();
  expect(Array.from({ length: 5 }, () => pace.restAfter("1#0", false))).toEqual([0, 0, 0, 0, 0]);
});

test("pauses double with each conflict, up to a limit, and of that counter only", () => {
  const pace = openMedian();
  expect(Array.from({ length: 7 }, () => pace.restAfter("1#0", true))).toEqual([
    25, 50, 100, 200, 400, 600, 600,
  ]);
  expect(pace.restAfter("1#1", false)).toBe(0);
});

test("pauses shrink as long as nobody is met, and end", () => {
  const pace = openMedian();
  for (let i = 0; i < 4; i++) pace.restAfter("1#0", true);
  const pauses = Array.from({ length: 200 }, () => pace.restAfter("1#0", false));
  expect(pauses[0]).toBeCloseTo(193);
  for (const [i, pause] of pauses.entries()) expect(pause).toBeLessThanOrEqual(pauses[i - 1] ?? Infinity);
  expect(pauses.at(-1)).toBe(0);
});

test("a counter is known as shared until its pauses have ended", () => {
  const pace = openMedian();
  expect(pace.isShared("1#0")).toBe(false);
  pace.restAfter("1#0", true);
  expect([pace.isShared("1#0"), pace.isShared("1#1")]).toEqual([true, false]);
  for (let i = 0; i < 200; i++) pace.restAfter("1#0", false);
  expect(pace.isShared("1#0")).toBe(false);
});

test("two that met once wait for different times", () => {
  const pauses = Array.from({ length: 50 }, () => openPace().restAfter("1#0", true));
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(12.5);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(37.5);
  expect(new Set(pauses).size).toBeGreaterThan(40);
});
