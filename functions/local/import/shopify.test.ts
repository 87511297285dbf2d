import { expect, test } from "vitest";
import type { ProductRow, Row } from "./row.ts";
import { FIRST_STABLE_NUMBER } from "./stable-number.ts";
import { csvRow, exportOf, lampRow, shopifyRowsIn } from "./testing.ts";

const productIn = (row: Row | undefined): ProductRow => {
  if (row?.kind !== "product") throw new Error(`Not a product: ${JSON.stringify(row)}`);
  return row;
};

/** The one product or problem of an export with that row. */
const only = async (row: string): Promise<Row | undefined> => (await shopifyRowsIn(exportOf(row)))[0];

const problemOf = async (fields: Parameters<typeof lampRow>[0]): Promise<string> => {
  const row = await only(lampRow(fields));
  return row?.kind === "problem" ? row.message : "";
};

const TOP = [
  lampRow({
    Handle: "varsity-top",
    Title: "Varsity Top",
    "Body (HTML)": '"<p>Grey, with ""letters"".</p>\n<p>Warm &amp; soft.</p>"',
    "Option1 Name": "Size",
    "Option1 Value": "Small",
    "Option2 Name": "Colour",
    "Option2 Value": "Grey",
    "Variant SKU": "",
    "Image Src": "https://example.com/1.jpg",
  }),
  csvRow({ Handle: "varsity-top", "Option1 Value": "Large", "Option2 Value": "Black", "Variant Price": 25 }),
  csvRow({ Handle: "varsity-top", "Image Src": "https://example.com/2.jpg" }),
];

test("each variant is a product with its own options, price, weight and stock", async () => {
  const [small, large] = (await shopifyRowsIn(exportOf(...TOP))).slice(0, 2).map(productIn);
  expect(small).toMatchObject({ line: 2, isNumbered: false, available: 5 });
  expect(small?.details).toEqual({
    product_id: expect.any(Number),
    sku: "varsity-top/Small/Grey",
    manufacturer: "Northwind",
    category_id: expect.any(Number),
    weight: 350,
    some_other_id: 1,
    name: "Varsity Top – Small / Grey",
    category: "Lighting",
    description: 'Grey, with "letters". Warm & soft.',
    price: 19.99,
  });
  // Its quoted text takes two lines, so the next row is the fourth.
  expect(large).toMatchObject({ line: 4 });
  expect(large).not.toHaveProperty("available");
  expect(large?.details).toEqual({
    ...small?.details,
    product_id: expect.any(Number),
    sku: "varsity-top/Large/Black",
    name: "Varsity Top – Large / Black",
    weight: 0,
    price: 25,
  });
});

test("rows that only add a picture are no products", async () => {
  expect((await shopifyRowsIn(exportOf(...TOP)))[2]).toEqual({ kind: "image", line: 5 });
});

test("product numbers are far from the generated ones, and those of one variant the same in every file", async () => {
  const alone = (await shopifyRowsIn(exportOf(...TOP))).slice(0, 2).map(productIn);
  const among = (await shopifyRowsIn(exportOf(lampRow(), ...TOP))).slice(1, 3).map(productIn);
  expect(among.map(({ details }) => details)).toEqual(alone.map(({ details }) => details));
  const numbers = alone.map(({ details }) => details.product_id);
  expect(new Set(numbers).size).toBe(2);
  for (const number of numbers) expect(number).toBeGreaterThanOrEqual(FIRST_STABLE_NUMBER);
});

test("a product without options is named by its title", async () => {
  expect(productIn(await only(lampRow())).details.name).toBe("Oak Lamp");
});

test.each([
  [{ Type: "Lighting", Tags: '"oak, new"' }, "Lighting"],
  [{ Type: "", Tags: '"oak, new"' }, "oak"],
  [{ Type: "", Tags: "" }, "Uncategorised"],
])("the category of %j is %s", async (fields, category) => {
  const { details } = productIn(await only(lampRow(fields)));
  expect(details.category).toBe(category);
  expect(details.category_id).toBeGreaterThanOrEqual(1);
});

test.each([
  [350, 350],
  ["453.592", 454],
  ["", 0],
])("%j grams weigh %d, whatever the unit they are shown in", async (grams, weight) => {
  const row = productIn(await only(lampRow({ "Variant Grams": grams, "Variant Weight Unit": "kg" })));
  expect(row.details.weight).toBe(weight);
});

test.each(["", "-3"])("a quantity of %j says nothing about stock", async (quantity) => {
  expect(productIn(await only(lampRow({ "Variant Inventory Qty": quantity })))).not.toHaveProperty(
    "available",
  );
});

test.each([
  [{ "Variant Price": "19.999" }, "price: must have at most two decimals"],
  [{ "Variant Price": "" }, "price: is blank (Variant Price)"],
  [{ "Variant Price": '"19,99"' }, 'price: "19,99" is no amount'],
  [{ "Variant Price": "-1" }, expect.stringMatching(/^price: Too small/)],
  [{ "Variant Grams": "-1" }, expect.stringMatching(/^weight: Too small/)],
  [{ "Variant Grams": "1 kg" }, 'weight: "1 kg" is no number of grams'],
  [{ "Variant SKU": "x".repeat(101) }, expect.stringMatching(/^sku: Too big/)],
  [{ "Variant Inventory Qty": "many" }, 'stock: "many" is no quantity (Variant Inventory Qty)'],
  [{ "Variant Inventory Qty": "9999999999" }, 'stock: "9999999999" is no quantity (Variant Inventory Qty)'],
  [{ Title: "" }, "Title: is blank, and so it is on the first row of this Handle"],
  [{ Vendor: "" }, expect.stringMatching(/^manufacturer: Too small/)],
  [{ Handle: "" }, "Handle: is blank"],
])("%j is a problem", async (fields, message) => {
  expect(await problemOf(fields)).toEqual(message);
});

test("all that is wrong with a row is said at once", async () => {
  expect(await problemOf({ "Variant Price": "?", "Variant Grams": "?", Title: "" })).toMatch(
    /Title: .*; weight: .*; price: /,
  );
});

test("a variant does not inherit from another handle's row when its own first row is malformed", async () => {
  const rows = await shopifyRowsIn(
    exportOf(
      lampRow(),
      lampRow({ Handle: "desk", Title: '5" desk' }),
      csvRow({ Handle: "desk", "Option1 Value": "Oak", "Variant Price": 9 }),
      lampRow({ Handle: "kite" }),
    ),
  );
  expect(rows.map(({ kind, line }) => `${line} ${kind}`)).toEqual([
    "2 product",
    "3 problem",
    "4 problem",
    "5 product",
  ]);
});

test("columns may stand in any order, and those that are not needed may be missing", async () => {
  const [row] = await shopifyRowsIn(
    "Variant Price,Vendor,Option1 Value,Title,Handle\n5,Kestrel,Default Title,Kite,kite\n",
  );
  expect(productIn(row).details).toMatchObject({
    sku: "kite",
    name: "Kite",
    price: 5,
    manufacturer: "Kestrel",
  });
});

test.each([
  ["Status", "active", "product"],
  ["Status", "Draft", "hidden"],
  ["Status", "archived", "hidden"],
  ["Status", "unlisted", "hidden"],
  ["Published", "TRUE", "product"],
  ["Published", "FALSE", "hidden"],
  ["Published", "", "product"],
])("%s %j makes a row a %s", async (column, value, kind) => {
  expect((await only(lampRow({ [column]: value })))?.kind).toBe(kind);
});

test("all variants of a hidden product are hidden, for only its first row says so", async () => {
  const [first = "", ...others] = TOP;
  const rows = await shopifyRowsIn(exportOf(`${first.replace(/,$/, "")},draft`, ...others, lampRow()));
  expect(rows.map(({ kind }) => kind)).toEqual(["hidden", "hidden", "image", "product"]);
});
