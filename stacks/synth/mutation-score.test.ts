import { expect, test } from "vitest";
import { readOptions, scoreOf } from "../../.ci/mutation/score.ts";

test.each([
  [["core/stock"], { paths: ["core/stock"], least: 0 }],
  [
    ["--least", "80", "core/stock", "core/order/place.ts"],
    { paths: ["core/stock", "core/order/place.ts"], least: 80 },
  ],
  [["core/stock", "--least", "80"], { paths: ["core/stock"], least: 80 }],
  [[], undefined],
  [["--least", "80"], undefined],
  [["core/stock", "--least"], undefined],
  [["--least", "many", "core/stock"], undefined],
  [["--least", "101", "core/stock"], undefined],
  [["--most", "80", "core/stock"], undefined],
])("a mutation run is asked by %j for %j", (words, options) => {
  expect(readOptions(words)).toEqual(options);
});

test("no mutants are no score", () => {
  expect(scoreOf(4, 5)).toBe(80);
  expect(scoreOf(0, 0)).toBe(0);
});
