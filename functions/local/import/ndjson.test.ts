import { expect, test } from "vitest";
import { ndjsonRowsIn } from "./testing.ts";

const LAMP = {
  product_id: 7,
  sku: "L-7",
  manufacturer: "Northwind",
  category_id: 1,
  weight: 350,
  some_other_id: 1,
};

const messageOf = async (value: unknown): Promise<string> => {
  const [row] = await ndjsonRowsIn(typeof value === "string" ? value : JSON.stringify(value));
  return row?.kind === "problem" ? row.message : "";
};

test("a request body and an answer of the shop are both products", async () => {
  const full = {
    ...LAMP,
    id: 7,
    brand: "Northwind",
    name: "Lamp",
    category: "",
    description: "",
    price: 1.5,
    version: 3,
  };
  const rows = await ndjsonRowsIn(`\ufeff${JSON.stringify(LAMP)}\r\n\n${JSON.stringify(full)}`);
  const { id: _, brand: __, version: ___, ...details } = full;
  expect(rows).toEqual([
    { kind: "numbered", line: 1, details: LAMP },
    { kind: "numbered", line: 3, details },
  ]);
});

test("a product without a price, as the shop answers it, has none here", async () => {
  expect(await ndjsonRowsIn(JSON.stringify({ ...LAMP, price: null }))).toEqual([
    { kind: "numbered", line: 1, details: LAMP },
  ]);
});

test("bad lines keep their numbers and spoil no other", async () => {
  const good = JSON.stringify(LAMP);
  const rows = await ndjsonRowsIn([good, "{", "", "[1]", "null", good, '{"sku":1}'].join("\n"));
  expect(rows.map((row) => (row.kind === "product" ? "" : `${row.line} ${row.kind}`))).toEqual([
    "1 numbered",
    "2 problem",
    "4 problem",
    "5 problem",
    "6 numbered",
    "7 problem",
  ]);
});

test.each([
  [{ ...LAMP, price: 1.005 }, "price: must have at most two decimals"],
  [{ ...LAMP, id: 8 }, "id: must repeat product_id"],
  [{ ...LAMP, brand: "Kestrel" }, "brand: must repeat manufacturer"],
  [{ ...LAMP, colour: "red" }, "colour: is not a known field"],
  [{ ...LAMP, name: "half \ud83e" }, "name: must be well-formed Unicode"],
  ["{'sku': 1}", "is no JSON object"],
])("%j: %s", async (value, message) => {
  expect(await messageOf(value)).toBe(message);
});

test("every wrong field of a line is named", async () => {
  expect(await messageOf({ ...LAMP, weight: -1, sku: "", product_id: undefined })).toMatch(
    /product_id: .*; sku: .*; weight: /,
  );
});
