import { expect, test } from "vitest";
import { openHomes } from "./homes.ts";

const line = (shards: number, product_id = 7) => ({
  product_id,
  quantity: 2,
  layout: { shards, made: shards },
});

/** @param draws from 0 to below 1, one a home */
const homesBy = (...draws: readonly number[]) => {
  const left = [...draws];
  return openHomes(() => left.shift() ?? 0);
};

test("a process keeps to one counter of a product", () => {
  const homes = homesBy(0.5, 0.9);
  const plans = Array.from({ length: 5 }, () => homes.draw([line(4)]));
  for (const plan of plans) expect(plan).toEqual([{ product_id: 7, quantity: 2, shard: 2 }]);
  expect(homes.draw([line(4, 8)])).toEqual([{ product_id: 8, quantity: 2, shard: 3 }]);
});

test("one that meets another there moves", () => {
  const homes = homesBy(0.5, 0);
  homes.draw([line(4)]);
  homes.leave(7);
  expect(homes.draw([line(4)])[0]?.shard).toBe(0);
});

test("one whose counter is empty takes from where it found some", () => {
  const homes = homesBy(0.5);
  homes.draw([line(4)]);
  homes.settle([{ product_id: 7, quantity: 2, shard: 3 }]);
  expect(homes.draw([line(4)])[0]?.shard).toBe(3);
});

test("a counter that is in use no more is nobody's home", () => {
  const homes = homesBy(0.9, 0.5);
  expect(homes.draw([line(16)])[0]?.shard).toBe(14);
  expect(homes.draw([line(4)])[0]?.shard).toBe(2);
  expect(homes.draw([line(1)])[0]?.shard).toBe(0);
});

test("nor is the first counter after the last in use", () => {
  const homes = homesBy(0.5, 0.9);
  expect(homes.draw([line(8)])[0]?.shard).toBe(4);
  expect(homes.draw([line(4)])[0]?.shard).toBe(3);
});

test("a product that is split later gets its home then", () => {
  const homes = homesBy(0.9);
  expect(homes.draw([line(1)])[0]?.shard).toBe(0);
  expect(homes.draw([line(4)])[0]?.shard).toBe(3);
});
