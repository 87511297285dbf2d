import { expect, test } from "vitest";
import { chosenOf, parseOptions, UsageError } from "./bench-options.ts";

const parse = (...words: string[]) => parseOptions(words, "USAGE");

test("names and options are read; what is left out stays out", () => {
  expect(parse("speed", "growth", "--only", "hot,limit", "--rounds", "3")).toEqual({
    names: ["speed", "growth"],
    only: ["hot", "limit"],
    rounds: 3,
  });
});

test.each([
  ["no name", []],
  ["help", ["speed", "--help"]],
  ["an unknown option", ["speed", "--fast"]],
])("%s shows the usage", (_, words) => {
  expect(() => parse(...words)).toThrow(/USAGE/);
});

test.each(["0", "-1", "1.5", "x", "10000"])("%s seconds are refused", (text) => {
  expect(() => parse("speed", `--seconds=${text}`)).toThrow(UsageError);
});

test("all parts are chosen, or those that --only names", () => {
  expect(chosenOf(["a", "b"], {})).toEqual(["a", "b"]);
  expect(chosenOf(["a", "b"], { only: ["b"] })).toEqual(["b"]);
  expect(() => chosenOf(["a", "b"], { only: ["b", "c"] })).toThrow(
    new UsageError("--only takes a, b; got c"),
  );
});
