import { expect, test } from "vitest";
import { type HotKeys, openHotKeys } from "./hot-keys.ts";

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

const SAMPLED = 8;
const read = (hot: HotKeys, key: number, times: number): void => {
  for (let i = 0; i < times * SAMPLED; i++) hot.touch(key);
};

test("counts the reads of a key, and halves them every interval", () => {
  const hot = openHotKeys(4);
  read(hot, 1, 8);
  read(hot, 2, 3);
  expect(hot.top(4)).toEqual([
    { key: 1, reads: 64 },
    { key: 2, reads: 24 },
  ]);
  hot.decay();
  expect(hot.top(4)).toEqual([
    { key: 1, reads: 32 },
    { key: 2, reads: 12 },
  ]);
  hot.decay();
  expect(hot.top(4)).toEqual([{ key: 1, reads: 16 }]);
  hot.decay();
  expect(hot.top(4)).toEqual([{ key: 1, reads: 8 }]);
  hot.decay();
  expect(hot.top(4)).toEqual([]);
});

test("a new key takes the place of the least counted, and inherits its count", () => {
  const hot = openHotKeys(3);
  read(hot, 1, 5);
  read(hot, 2, 1);
  read(hot, 3, 2);
  read(hot, 4, 1);
  expect(hot.top(3)).toEqual([
    { key: 1, reads: 40 },
    { key: 3, reads: 16 },
    { key: 4, reads: 16 },
  ]);
  read(hot, 5, 1);
  expect(hot.top(3).map(({ key, reads }) => [key, reads])).toContainEqual([5, 24]);
  expect(hot.top(1)).toEqual([{ key: 1, reads: 40 }]);
});

test("a key that was least counted, and has been read since, keeps its place", () => {
  const hot = openHotKeys(3);
  for (const key of [1, 2, 3]) read(hot, key, 1);
  read(hot, 4, 1);
  const before = hot.top(3).findLast(({ key }) => key !== 4);
  read(hot, before?.key ?? 0, 10);
  read(hot, 5, 1);
  expect(hot.top(1)).toEqual([{ key: before?.key, reads: 88 }]);
  expect(hot.top(3)).toHaveLength(3);
});

test("of keys read equally often the lower comes first, and the threshold counts as reached", () => {
  const hot = openHotKeys(4);
  for (const key of [3, 1, 2]) read(hot, key, 2);
  expect(hot.top(4, 16).map(({ key }) => key)).toEqual([1, 2, 3]);
  expect(hot.top(2, 16).map(({ key }) => key)).toEqual([1, 2]);
  expect(hot.top(4, 17)).toEqual([]);
});
