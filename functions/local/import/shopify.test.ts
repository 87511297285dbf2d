import { expect, test } from "vitest";
import { FIRST_STABLE_NUMBER } from "./stable-number.ts";
import { csvRow, exportOf, lampRow, problemsIn, shopifyRowsIn, variantsIn } from "./testing.ts";

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
  const [small, large] = variantsIn(await shopifyRowsIn(exportOf(...TOP)));
  expect(small).toMatchObject({ line: 2, options: ["Small", "Grey"], sku: "", stock: 5 });
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
  expect(large).toMatchObject({ line: 4, stock: undefined });
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
  expect((await shopifyRowsIn(exportOf(...TOP)))[0]).toEqual({ kind: "extra", line: 5 });
});

test("product numbers are far from the generated ones, and those of one variant the same in every file", async () => {
  const alone = variantsIn(await shopifyRowsIn(exportOf(...TOP)));
  const among = variantsIn(await shopifyRowsIn(exportOf(lampRow(), ...TOP))).slice(1);
  expect(among.map(({ details }) => details)).toEqual(alone.map(({ details }) => details));
  const numbers = alone.map(({ details }) => details?.product_id);
  expect(new Set(numbers).size).toBe(2);
  for (const number of numbers) expect(number).toBeGreaterThanOrEqual(FIRST_STABLE_NUMBER);
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
  expect(variantsIn(rows).map(({ line, details }) => `${line} ${details?.name}`)).toEqual([
    "2 Oak Lamp",
    "4 undefined",
    "5 Oak Lamp",
  ]);
  expect(problemsIn(rows)).toEqual([
    expect.stringMatching(/^3: a quote/),
    "4: Title: no row of this Handle has one",
  ]);
});

test("columns may stand in any order, and those that are not needed may be missing", async () => {
  const rows = await shopifyRowsIn("Variant Price,Title,Handle\n5,Kite,kite\n");
  expect(variantsIn(rows)[0]?.details).toMatchObject({
    sku: "kite",
    name: "Kite",
    price: 5,
    manufacturer: "Unbranded",
  });
});

test.each([
  ["Status", "active", false],
  ["Status", "Active", false],
  ["Status", "Draft", true],
  ["Status", "archived", true],
  ["Status", "unlisted", true],
  ["Published", "TRUE", false],
  ["Published", "FALSE", true],
  ["Published", "", false],
])("%s %j: hidden %j", async (column, value, isHidden) => {
  expect(await shopifyRowsIn(exportOf(lampRow({ [column]: value })))).toMatchObject([{ isHidden }]);
});

test("all variants of a hidden product are hidden, for only its first row says so; nothing about it is refused", async () => {
  const [first = "", ...others] = TOP;
  const bad = csvRow({ Handle: "varsity-top", "Option1 Value": "XL", "Variant Price": "?" });
  const rows = await shopifyRowsIn(exportOf(`${first.replace(/,$/, "")},draft`, ...others, bad, lampRow()));
  expect(rows.map((row) => (row.kind === "product" ? [row.handle, row.isHidden] : row.kind))).toEqual([
    "extra",
    ["varsity-top", true],
    ["oak-lamp", false],
  ]);
});

test("the rows of a product may be scattered over the file", async () => {
  const rows = await shopifyRowsIn(
    [
      "Handle,Title,Vendor,Option1 Value,Variant Price,Variant SKU,Status,Published",
      "jar,Jar,V,S,5.00,JAR-S,draft,TRUE",
      "lid,Lid,V,Default Title,5.00,LID,active,TRUE",
      "pot,,,S,5.00,,,",
      "jar,Jar,V,M,5.00,JAR-M,,",
      "pot,Pot,Kestrel,M,6.00,,,",
    ].join("\n"),
  );
  expect(rows).toMatchObject([
    { handle: "lid", isHidden: false },
    { handle: "jar", isHidden: true, variants: [{ line: 2 }, { line: 5 }] },
    {
      handle: "pot",
      isHidden: false,
      variants: [{ details: { name: "Pot – S", manufacturer: "Kestrel" } }, { details: { name: "Pot – M" } }],
    },
  ]);
});

test("variants may share a SKU, but not their options", async () => {
  const variant = (option: string): string =>
    csvRow({ Handle: "oak-lamp", "Option1 Value": option, "Variant SKU": "LAMP-1", "Variant Price": 1 });
  const rows = await shopifyRowsIn(
    exportOf(lampRow({ "Option1 Value": "Red" }), variant("Blue"), variant("Blue")),
  );
  expect(variantsIn(rows).map(({ details }) => details?.sku)).toEqual(["LAMP-1", "LAMP-1"]);
  expect(problemsIn(rows)).toEqual(["4: is the same variant as line 3"]);
});

const PRESENT_COLUMNS =
  "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode," +
  "Option1 name,Option1 value,Option1 Linked To,Price,Compare-at price,Inventory tracker,Inventory quantity," +
  "Continue selling when out of stock,Weight value (grams),Weight unit for display,Product image URL";

test("Shopify's present column names", async () => {
  const rows = await shopifyRowsIn(
    [
      PRESENT_COLUMNS,
      "Pan,pan,<p>A pan</p>,Nordholm,Home > Kitchen > Pans,,,TRUE,Active,P-S,1,Size,S,,9.90,12,shopify,5,DENY,100,g,http://x",
      ",pan,,,,,,,,P-M,2,,M,,10.90,,shopify,0,CONTINUE,110,g,",
      ",pan,,,,,,,,,,,,,,,,,,,,http://y",
    ].join("\n"),
  );
  expect(rows[0]).toEqual({ kind: "extra", line: 4 });
  expect(rows[1]).toMatchObject({
    handle: "pan",
    isHidden: false,
    variants: [
      {
        stock: 5,
        details: {
          sku: "P-S",
          name: "Pan – S",
          category: "Pans",
          description: "A pan",
          manufacturer: "Nordholm",
          price: 9.9,
          weight: 100,
        },
      },
      { stock: "untracked", details: { sku: "P-M", name: "Pan – M", price: 10.9, weight: 110 } },
    ],
  });
});
