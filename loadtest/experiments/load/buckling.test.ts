import { expect, test } from "vitest";
import { type Answers, buckled } from "./buckling.ts";

const step = (users: number, throughput: number, more: Partial<Answers> = {}): Answers => ({
  users,
  answers: 4 * throughput,
  throughput,
  p95: 40,
  success: 1,
  ...more,
});

test("a shop that bears it, also when more users bring no more", () => {
  expect(buckled([step(100, 100), step(500, 500), step(1_000, 950), step(1_500, 900)])).toBeUndefined();
  expect(buckled([])).toBeUndefined();
});

test("each sign that it does not, by itself", () => {
  const before = [step(100, 100), step(1_000, 1_000)];
  const last = (throughput: number, more: Partial<Answers> = {}) =>
    buckled([...before, step(2_000, throughput, more)]);
  expect(last(1_200, { success: 0.94 })).toBe("6 % refused or failed");
  expect(last(1_200, { p95: 2_100 })).toBe("p95 2,100 ms");
  expect(last(800)).toBe("800 instead of 1,000 good answers/s");
  expect(last(0, { p95: null, success: null })).toContain("100 % refused or failed");
});

test("few answers vary by chance", () => {
  expect(buckled([step(2, 2), step(3, 3), step(4, 2)])).toBeUndefined();
});
