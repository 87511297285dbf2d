import { expect, test } from "vitest";
import { nextGroup, type Waiting } from "./next-group.ts";

/** Names each work by its user. @param age milliseconds that it has waited */
const work = (userId: string, counters: string, items = 1, age = 0): Waiting => ({
  work: { userId, items: Array.from({ length: items }, () => ({})) },
  counters: new Set(counters),
  since: performance.now() - age,
});

/** Users of the next group. @param busy each letter a counter, as in the works */
const usersOf = (waiting: readonly Waiting[], busy = "", onCounter?: string): string[] =>
  nextGroup(waiting, new Set(busy), onCounter).map((member) => member.work.userId);

const LONG = 10_000;

test("work that shares a counter with the first goes along, also by way of another", () => {
  const waiting = [work("ann", "a"), work("ben", "ab"), work("cem", "bc"), work("dan", "d")];
  expect(usersOf(waiting)).toEqual(["ann", "ben", "cem"]);
});

test("work on a counter that is busy stays, and the first that can go leads the group", () => {
  expect(usersOf([work("ann", "ab"), work("ben", "a"), work("cem", "ac")], "b")).toEqual(["ben", "cem"]);
  expect(usersOf([work("ann", "a"), work("ben", "ab")], "b")).toEqual(["ann"]);
  expect(usersOf([work("ann", "a")], "a")).toEqual([]);
});

test("a user has one work in a group", () => {
  const waiting = [work("ann", "a"), work("ben", "a"), work("ann", "a"), work("ben", "a"), work("cem", "a")];
  expect(usersOf(waiting)).toEqual(["ann", "ben", "cem"]);
});

test("a group has at most a hundred items, its counters among them", () => {
  expect(usersOf([work("ann", "a", 60), work("ben", "ab", 38)])).toEqual(["ann", "ben"]);
  expect(usersOf([work("ann", "a", 60), work("ben", "ab", 39), work("cem", "a", 39)])).toEqual([
    "ann",
    "cem",
  ]);
});

test("only work on the counter that is meant comes first", () => {
  const waiting = [work("ann", "a"), work("ben", "ab"), work("cem", "b")];
  expect(usersOf(waiting, "", "b")).toEqual(["ben", "ann", "cem"]);
  expect(usersOf(waiting, "", "z")).toEqual([]);
});

test("counters are kept for work that has waited long, and for no other", () => {
  const others = [work("ben", "b"), work("cem", "bc"), work("dan", "d"), work("eve", "db"), work("flo", "d")];
  expect(usersOf([work("ann", "ab"), ...others], "a")).toEqual(["ben", "cem", "eve", "flo"]);
  expect(usersOf([work("ann", "ab", 1, LONG), ...others], "a")).toEqual(["dan", "flo"]);
});

test("work that has waited long itself goes as soon as its counters are free", () => {
  expect(usersOf([work("ann", "ab", 1, LONG), work("ben", "b", 1, LONG)])).toEqual(["ann", "ben"]);
});
