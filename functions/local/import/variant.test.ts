import { expect, test } from "vitest";
import { onlyVariant, problemOf, problemsIn, shopifyRowsIn, variantsIn } from "./testing.ts";
import { MAX_DESCRIPTION } from "./variant.ts";

test("a product without options is named by its title", async () => {
  expect((await onlyVariant()).details?.name).toBe("Oak Lamp");
});

test.each([
  [{ Type: "Lighting", Tags: '"oak, new"' }, "Lighting"],
  [{ Type: "", Tags: '"oak, new"' }, "oak"],
  [{ Type: "", Tags: "" }, "Uncategorised"],
])("the category of %j is %s", async (fields, category) => {
  const { details } = await onlyVariant(fields);
  expect(details?.category).toBe(category);
  expect(details?.category_id).toBeGreaterThanOrEqual(1);
});

test.each([
  [350, 350],
  ["453.592", 454],
  ["", 0],
])("%j grams weigh %d, whatever the unit they are shown in", async (grams, weight) => {
  const { details } = await onlyVariant({ "Variant Grams": grams, "Variant Weight Unit": "kg" });
  expect(details?.weight).toBe(weight);
});

test.each([
  ["", undefined],
  ["0", 0],
  ["7", 7],
  ["7.0", 7],
  ["-3", 0],
])("a quantity of %j means %j pieces", async (quantity, stock) => {
  expect((await onlyVariant({ "Variant Inventory Qty": quantity })).stock).toBe(stock);
});

/** Header and one row of the columns about stock, each left out where it is undefined. */
const stockOf = async (tracker?: string, quantity?: string, policy?: string) => {
  const columns = [
    ["Variant Inventory Tracker", tracker],
    ["Variant Inventory Qty", quantity],
    ["Variant Inventory Policy", policy],
  ].filter(([, value]) => value !== undefined);
  const header = ["Handle,Title,Variant Price", ...columns.map(([name]) => name)].join();
  const row = ["mug,Mug,5.00", ...columns.map(([, value]) => value)].join();
  return variantsIn(await shopifyRowsIn(`${header}\n${row}\n`))[0]?.stock;
};

test.each([
  ["shopify", "3", "deny", 3],
  ["", "3", "deny", "untracked"],
  ["", "0", undefined, "untracked"],
  ["shopify", "0", "continue", "untracked"],
  ["shopify", "-4", "CONTINUE", "untracked"],
  [undefined, "3", "TRUE", "untracked"],
  [undefined, "3", "FALSE", 3],
  [undefined, "3", undefined, 3],
  ["shopify", undefined, "deny", undefined],
  ["shopify", "", "deny", undefined],
  ["", undefined, undefined, "untracked"],
  [undefined, undefined, undefined, undefined],
] as const)("tracker %j, quantity %j, policy %j: %j", async (tracker, quantity, policy, stock) => {
  expect(await stockOf(tracker, quantity, policy)).toBe(stock);
});

test.each([
  [{ "Variant Price": "19.999" }, 'price: "19.999" must have at most two decimals'],
  [{ "Variant Price": "500000.555" }, 'price: "500000.555" must have at most two decimals'],
  [{ "Variant Price": "0.000000001" }, 'price: "0.000000001" must have at most two decimals'],
  [
    { "Variant Price": "19.9900000000000000001" },
    'price: "19.9900000000000000001" must have at most two decimals',
  ],
  [{ "Variant Price": "" }, "price: is blank (Variant Price)"],
  [{ "Variant Price": '"19,99"' }, 'price: "19,99" is no amount'],
  [{ "Variant Price": "-1" }, expect.stringMatching(/^price: Too small/)],
  [{ "Variant Grams": "-1" }, expect.stringMatching(/^weight: Too small/)],
  [{ "Variant Grams": "1 kg" }, 'weight: "1 kg" is no number of grams'],
  [{ "Variant SKU": "x".repeat(101) }, "sku: must have at most 100 characters"],
  [{ "Variant Inventory Qty": "many" }, 'stock: "many" is no quantity (Variant Inventory Qty)'],
  [{ "Variant Inventory Qty": "9999999999" }, 'stock: "9999999999" is no quantity (Variant Inventory Qty)'],
  [{ Title: "" }, "Title: no row of this Handle has one"],
  [{ Vendor: "x".repeat(201) }, "manufacturer: must have at most 200 characters"],
  [{ Handle: "x".repeat(256) }, "Handle: is longer than 255 characters"],
  [{ Handle: "" }, "Handle: is blank"],
])("%j is a problem", async (fields, message) => {
  expect(await problemOf(fields)).toEqual(message);
});

test("all that is wrong with a row is said at once", async () => {
  expect(await problemOf({ "Variant Price": "?", "Variant Grams": "?", Title: "" })).toMatch(
    /Title: .*; weight: .*; price: /,
  );
});

test("a decimal comma counts where a comma cannot separate fields", async () => {
  const rows = await shopifyRowsIn(
    "Handle;Title;Price;Variant Grams\nkite;Kite;19,99;453,6\nbow;Bow;19,999;1\n",
  );
  expect(variantsIn(rows)[0]?.details).toMatchObject({ price: 19.99, weight: 454 });
  expect(problemsIn(rows)).toEqual(['3: price: "19,999" must have at most two decimals']);
});

test("no text keeps control characters, and a SKU of them is blank", async () => {
  const fields = {
    Title: "Oak\u0000 \u0007Lamp\u0092s",
    Vendor: "North\twind",
    "Variant SKU": "\u0001\u200b".slice(0, 1),
  };
  const { details } = await onlyVariant({ ...fields, Type: "\u001bLighting", "Option1 Value": "Re\u0008d" });
  expect(details).toMatchObject({
    name: "Oak Lamp’s – Re d",
    manufacturer: "North wind",
    category: "Lighting",
    sku: "oak-lamp/Re d",
  });
});

test("a description beyond the shop's limit is cut at a word", async () => {
  const { details, isShortened } = await onlyVariant({ "Body (HTML)": `<p>${"word ".repeat(10_000)}</p>` });
  expect(isShortened).toBe(true);
  expect(details?.description?.length).toBeLessThanOrEqual(MAX_DESCRIPTION);
  expect(details?.description).toMatch(/word…$/);
});
