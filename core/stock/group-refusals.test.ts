import { expect, test } from "vitest";
import type { Movement } from "./counters.ts";
import { leftOn, refusedOf } from "./group-refusals.ts";

const REFUSED = { Code: "ConditionalCheckFailed" };

const reserving = (...lines: readonly [product_id: number, quantity: number][]) => ({
  work: {
    userId: "ann",
    items: [{}],
    movements: lines.map(
      ([product_id, quantity]): Movement => ({ product_id, shard: 0, quantity, kind: "reserve" }),
    ),
  },
});

const left = (...available: readonly number[]) =>
  new Map(available.map((pieces, at) => [`${at + 1}#0`, { available: pieces, reserved: 0 }]));

test("a member that finds too little of one product takes nothing of the others", () => {
  const greedy = reserving([1, 5], [2, 3]);
  const modest = reserving([2, 3]);
  const refused = refusedOf([greedy, modest], [undefined, undefined], left(4, 3));
  expect(refused.get(greedy)).toEqual([undefined, REFUSED, undefined]);
  expect(refused.has(modest)).toBe(false);
});

test("a member whose own items were refused takes nothing, and the answer names these only", () => {
  const [first, second] = [reserving([1, 4]), reserving([1, 4])];
  const refused = refusedOf([first, second], [REFUSED, undefined], left(4));
  expect(refused.get(first)).toEqual([REFUSED, undefined]);
  expect(refused.has(second)).toBe(false);
});

test("members take their turn until a counter has too little", () => {
  const members = [reserving([1, 2]), reserving([1, 2]), reserving([1, 2]), reserving([1, 1])];
  const refused = refusedOf(
    members,
    members.map(() => undefined),
    left(5),
  );
  expect([...refused.keys()]).toEqual([members[2]]);
});

test("a counter has left what DynamoDB returns of it, and nothing where it returns none", () => {
  expect(leftOn({ available: { N: "3" }, reserved: { N: "2" } })).toEqual({ available: 3, reserved: 2 });
  expect(leftOn({ available: { N: "3" } })).toEqual({ available: 3, reserved: 0 });
  expect(leftOn()).toEqual({ available: 0, reserved: 0 });
});
