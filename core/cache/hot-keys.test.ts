import { expect, test } from "vitest";
import { openHotKeys } from "./hot-keys.ts";

/** Numbers from 1 to `count` with the frequencies of Zipf's law, from a small linear congruential generator. */
const zipf = function* (count: number, draws: number) {
  const weights = Array.from({ length: count }, (_, i) => 1 / (i + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let state = 1;
  for (let draw = 0; draw < draws; draw++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    let left = (state / 2 ** 32) * total;
    let key = 0;
    while (left > 0) left -= weights[key++] ?? total;
    yield key;
  }
};

test("finds the most read keys of a skewed stream in bounded memory", () => {
  const hot = openHotKeys(64);
  for (const key of zipf(5_000, 100_000)) hot.touch(key);
  const top = hot.top(5).map(({ key }) => key);
  expect(top.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
  expect(hot.top(1_000)).toHaveLength(64);
});

test("old counts fade, and what became hot comes up", () => {
  const hot = openHotKeys(8);
  for (let i = 0; i < 8_000; i++) hot.touch(1);
  for (let interval = 0; interval < 12; interval++) {
    hot.decay();
    for (let i = 0; i < 800; i++) hot.touch(2);
  }
  expect(hot.top(1)).toMatchObject([{ key: 2 }]);
  for (let interval = 0; interval < 20; interval++) hot.decay();
  expect(hot.top(10)).toEqual([]);
});

test("a threshold keeps the lukewarm out", () => {
  const hot = openHotKeys(8);
  for (let i = 0; i < 800; i++) hot.touch(1);
  for (let i = 0; i < 80; i++) hot.touch(2);
  expect(hot.top(10, 400).map(({ key }) => key)).toEqual([1]);
});
