import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { getCurrentProducts, getProduct, putProduct } from "../../../core/catalog/catalog.ts";
import { getStock, setStock } from "../../../core/stock/stock.ts";
import { openTestShop } from "../../../core/testing/fixtures.ts";
import { importRows } from "./import-rows.ts";
import type { ProductRow, Row } from "./row.ts";
import { openSource } from "./source.ts";
import { emptySummary, type Summary } from "./summary.ts";
import { csvRow, exportOf, lampRow, ndjsonRowsIn, shopifyRowsIn } from "./testing.ts";

const shop = openTestShop();

async function* streamed(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

const importAll = async (rows: readonly Row[]): Promise<Summary> => {
  const summary = emptySummary();
  await importRows(shop, streamed(rows), summary);
  return summary;
};

const productsOf = (rows: readonly Row[]): ProductRow[] => rows.filter((row) => row.kind === "product");

const storedOf = async (rows: readonly Row[]) =>
  getCurrentProducts(
    shop,
    productsOf(rows).map(({ details }) => details.product_id),
  );

const many = (thing: string, count: number): string =>
  exportOf(
    ...Array.from({ length: count }, (_, index) =>
      lampRow({ Handle: `${thing}-${index}`, Title: `${thing} ${index}`, "Variant SKU": "" }),
    ),
  );

test("running it again changes nothing, and no version", async () => {
  const rows = await shopifyRowsIn(many("chair", 250));
  expect(await importAll(rows)).toMatchObject({ created: 250, unchanged: 0, stocked: 250, failed: 0 });
  const first = await storedOf(rows);
  expect(first.size).toBe(250);
  expect(await importAll(rows)).toMatchObject({ created: 0, updated: 0, unchanged: 250, stocked: 0 });
  expect(await storedOf(rows)).toEqual(first);
});

test("what has changed in the file is updated, the rest left alone", async () => {
  const row = (price: string) => lampRow({ Handle: "desk", "Variant SKU": "DESK", "Variant Price": price });
  const other = lampRow({ Handle: "bench", "Variant SKU": "BENCH" });
  const before = await shopifyRowsIn(exportOf(row("10.00"), other));
  await importAll(before);
  const summary = await importAll(await shopifyRowsIn(exportOf(row("12.50"), other)));
  expect(summary).toMatchObject({ created: 0, updated: 1, unchanged: 1 });
  const stored = [...(await storedOf(before)).values()];
  expect(stored.map(({ price, version }) => ({ price, version }))).toEqual(
    expect.arrayContaining([
      { price: 12.5, version: 2 },
      { price: 19.99, version: 1 },
    ]),
  );
});

test("stock that sales or a count have changed is kept; a product without any gets the file's", async () => {
  const rows = await shopifyRowsIn(
    exportOf(
      lampRow({ Handle: "vase", "Variant SKU": "VASE" }),
      lampRow({ Handle: "jug", "Variant SKU": "JUG", "Variant Inventory Qty": -2 }),
    ),
  );
  await importAll(rows);
  const [vase = 0, jug = 0] = productsOf(rows).map(({ details }) => details.product_id);
  expect(await getStock(shop, vase)).toMatchObject({ available: 5 });
  expect(await getStock(shop, jug)).toMatchObject({ available: 0 });

  await setStock(shop, vase, { available: 2 });
  const restocked = await shopifyRowsIn(
    exportOf(
      lampRow({ Handle: "vase", "Variant SKU": "VASE", "Variant Inventory Qty": 9 }),
      lampRow({ Handle: "jug", "Variant SKU": "JUG", "Variant Inventory Qty": 9 }),
    ),
  );
  expect(await importAll(restocked)).toMatchObject({ unchanged: 2, stocked: 1 });
  expect(await getStock(shop, vase)).toMatchObject({ available: 2 });
  expect(await getStock(shop, jug)).toMatchObject({ available: 9 });
});

test("bad rows are reported and the good ones around them imported", async () => {
  const rows = await shopifyRowsIn(
    exportOf(
      lampRow({ Handle: "good-1", "Variant SKU": "G-1" }),
      lampRow({ Handle: "bad", "Variant SKU": "B-1", "Variant Price": "9.999" }),
      lampRow({ Handle: "worse", Title: '5" nail' }),
      csvRow({ Handle: "good-1", "Image Src": "https://example.com/x.jpg" }),
      lampRow({ Handle: "good-2", "Variant SKU": "G-2" }),
    ),
  );
  const summary = await importAll(rows);
  expect(summary).toMatchObject({ created: 2, failed: 2, images: 1 });
  expect(summary.problems).toEqual([
    "line 3: price: must have at most two decimals",
    expect.stringMatching(/^line 4: a quote/),
  ]);
});

test("what a file has twice is imported once and reported", async () => {
  const variant = csvRow({ Handle: "twice", "Option1 Value": "S", "Variant SKU": "T-S", "Variant Price": 1 });
  const rows = await shopifyRowsIn(
    exportOf(
      lampRow({ Handle: "twice", "Option1 Value": "M", "Variant SKU": "T-M" }),
      variant,
      variant,
      lampRow({ Handle: "other", "Variant SKU": "T-M" }),
    ),
  );
  const summary = await importAll(rows);
  expect(summary).toMatchObject({ created: 2, failed: 2 });
  expect(summary.problems).toEqual([
    "line 4: is the same product as line 3",
    'line 5: sku: "T-M" is the SKU of line 2 already',
  ]);
});

test("NDJSON: numbers as given, fields left out keep their value", async () => {
  const lamp = {
    product_id: 42,
    sku: "ND-42",
    manufacturer: "Sola",
    category_id: 1,
    weight: 1,
    some_other_id: 1,
  };
  await putProduct(shop, { ...lamp, name: "Kept", price: 3.1 });
  const lines = [
    lamp,
    { ...lamp, product_id: 43, sku: "ND-43" },
    { ...lamp, sku: "ND-44" },
    { ...lamp, product_id: 0 },
  ];
  const summary = await importAll(await ndjsonRowsIn(lines.map((line) => JSON.stringify(line)).join("\n")));
  expect(summary).toMatchObject({ created: 1, unchanged: 1, failed: 2, stocked: 0 });
  expect(summary.problems).toEqual([
    "line 3: is the same product as line 1",
    expect.stringMatching(/^line 4: product_id: /),
  ]);
  expect(await getProduct(shop, 42)).toMatchObject({ name: "Kept", price: 3.1, version: 1 });

  const exported = JSON.stringify(await getProduct(shop, 42));
  expect(await importAll(await ndjsonRowsIn(exported))).toMatchObject({ unchanged: 1 });
});

test("the signal ends it between writes, and what is written counts", async () => {
  const stopping = new AbortController();
  const rows = await shopifyRowsIn(many("shelf", 300));
  async function* interrupted(): AsyncGenerator<Row> {
    for (const [index, row] of rows.entries()) {
      if (index === 150) stopping.abort();
      yield row;
    }
  }
  const summary = emptySummary();
  await importRows(shop, interrupted(), summary, stopping.signal);
  expect(summary.created).toBe(100);
});

test("a storage that fails ends the import", async () => {
  const broken = {
    ...shop,
    db: { ...shop.db, send: () => Promise.reject(new Error("gone")) },
  } as typeof shop;
  const rows = await shopifyRowsIn(many("hook", 1));
  await expect(importRows(broken, streamed(rows), emptySummary())).rejects.toThrow("gone");
});

const realExport = fileURLToPath(new URL("../../../../shared/data/apparel.csv", import.meta.url));
const hasRealExport = existsSync(realExport);
if (!hasRealExport) console.warn(`NOT TESTED: there is no real merchant's export at ${realExport}`);

test.skipIf(!hasRealExport)("a real merchant's export", async () => {
  const source = await openSource(realExport);
  const run = async () => {
    const summary = emptySummary();
    await importRows(
      shop,
      source.rows(() => undefined),
      summary,
    );
    return summary;
  };
  expect(await run()).toMatchObject({ created: 22, failed: 0, stocked: 22 });
  expect(await run()).toMatchObject({ created: 0, updated: 0, unchanged: 22, failed: 0, stocked: 0 });
});
