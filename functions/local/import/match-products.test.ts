import { expect, test } from "vitest";
import { matchVariants } from "./match-products.ts";
import type { ImportRecord } from "./records.ts";
import type { Variant } from "./row.ts";

/** Records or variants from `option` or `option=SKU`, in order. */
const recordsOf = (...texts: string[]): ImportRecord[] =>
  texts.map((text, index) => {
    const [option = "", sku = ""] = text.split("=");
    return { handle: "h", product_id: index + 1, options: [option], sku, position: index + 1 };
  });

const variantsOf = (...texts: string[]): Variant[] =>
  recordsOf(...texts).map(({ options, sku, position }) => ({ line: position + 1, options, sku }));

/** The product of each variant, 0 for a new one, then those that are gone. */
const match = (records: ImportRecord[], variants: Variant[]) => {
  const { matched, gone } = matchVariants(records, variants);
  return [matched.map(({ record }) => record?.product_id ?? 0), gone.map(({ product_id }) => product_id)];
};

test.each<[string, string[], string[], number[], number[]]>([
  ["the same options", ["S", "M"], ["S", "M"], [1, 2], []],
  ["another order", ["S", "M"], ["M", "S"], [2, 1], []],
  ["SKUs filled in", ["S", "M"], ["S=A", "M=B"], [1, 2], []],
  ["a SKU that several share", ["Red=A", "Blue=A"], ["Blue=A", "Red=A"], [2, 1], []],
  ["one label changed, no SKUs", ["S", "M"], ["Small", "M"], [1, 2], []],
  ["all labels changed, no SKUs", ["S", "M"], ["Small", "Medium"], [1, 2], []],
  ["all labels and the order changed", ["S=A", "M=B"], ["Medium=B", "Small=A"], [2, 1], []],
  ["a label changed and a SKU filled in", ["S", "M"], ["Small=A", "M=B"], [1, 2], []],
  ["one inserted", ["S", "M"], ["XS", "S", "M"], [0, 1, 2], []],
  ["one removed", ["S", "M", "L"], ["M", "L"], [2, 3], [1]],
  ["one removed and another added", ["Red", "Blue"], ["Blue", "Green"], [2, 0], [1]],
  ["another SKU at the same place", ["Red=A", "Blue=B"], ["Green=C", "Blue=B"], [0, 2], [1]],
  [
    "a shared SKU with new labels falls back on the place",
    ["Red=A", "Blue=A"],
    ["Rot=A", "Blau=A"],
    [1, 2],
    [],
  ],
])("%s", (_, before, after, products, gone) => {
  expect(match(recordsOf(...before), variantsOf(...after))).toEqual([products, gone]);
});

test("a variant that was gone comes back by its options, not by its place", () => {
  const [first, second] = recordsOf("S", "M");
  if (!first || !second) throw new Error("two records");
  const records = [
    { ...first, position: 0 },
    { ...second, position: 1 },
  ];
  expect(match(records, variantsOf("L", "M"))).toEqual([[0, 2], [1]]);
  expect(match(records, variantsOf("M", "S"))).toEqual([[2, 1], []]);
});
