// biome-ignore-all lint/style/noExcessiveLinesPerFile: a table of rows and what becomes of each
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { getProduct, putProduct } from "../../../core/catalog/catalog.ts";
import type { ProductItem } from "../../../core/catalog/product.ts";
import { getStock, setStock } from "../../../core/stock/stock.ts";
import { allItems, openTestShop } from "../../../core/testing/fixtures.ts";
import { importRows } from "./import-rows.ts";
import { emptySummary } from "./import-summary.ts";
import type { Row } from "./row.ts";
import { openSource } from "./source.ts";
import {
  availableOf,
  csv,
  csvRow,
  exportOf,
  importAll,
  importCsv,
  lampRow,
  ndjsonRowsIn,
  productsOf,
  shopifyRowsIn,
  surveyIn,
} from "./testing.ts";

const shop = openTestShop();

/** An export of products without SKUs. */
const many = (thing: string, count: number, vendor: string): string =>
  exportOf(
    ...Array.from({ length: count }, (_, index) =>
      lampRow({ Handle: `${thing}-${index}`, Title: `${thing} ${index}`, Vendor: vendor, "Variant SKU": "" }),
    ),
  );

test("running it again changes nothing, and no version", async () => {
  const text = many("chair", 250, "Chairs");
  expect(await importCsv(shop, text)).toMatchObject({
    created: 250,
    unchanged: 0,
    restocked: 250,
    refused: 0,
  });
  const first = await productsOf(shop, "Chairs");
  expect(first.size).toBe(250);
  expect(await importCsv(shop, text)).toMatchObject({ created: 0, updated: 0, unchanged: 250, restocked: 0 });
  expect(await productsOf(shop, "Chairs")).toEqual(first);
});

test("updates products that have changed in the file, and leaves the rest alone", async () => {
  const row = (price: string) =>
    lampRow({ Handle: "desk", Vendor: "Desks", "Variant SKU": "DESK", "Variant Price": price });
  const other = lampRow({ Handle: "bench", Vendor: "Desks", "Variant SKU": "BENCH" });
  await importCsv(shop, exportOf(row("10.00"), other));
  const summary = await importCsv(shop, exportOf(row("12.50"), other));
  expect(summary).toMatchObject({ created: 0, updated: 1, unchanged: 1 });
  const products = await productsOf(shop, "Desks");
  expect(products.get("DESK")).toMatchObject({ price_cents: 1250, version: 2 });
  expect(products.get("BENCH")).toMatchObject({ price_cents: 1999, version: 1 });
});

test("bad rows are reported and the good ones around them imported", async () => {
  const summary = await importCsv(
    shop,
    exportOf(
      lampRow({ Handle: "good-1", "Variant SKU": "G-1" }),
      lampRow({ Handle: "bad", "Variant SKU": "B-1", "Variant Price": "9.999" }),
      lampRow({ Handle: "worse", Title: '5" nail' }),
      csvRow({ Handle: "good-1", "Image Src": "https://example.com/x.jpg" }),
      lampRow({ Handle: "good-2", "Variant SKU": "G-2" }),
    ),
  );
  expect(summary).toMatchObject({ created: 2, refused: 2, extras: 1 });
  expect(summary.problems).toEqual([
    'line 3: price: "9.999" must have at most two decimals',
    expect.stringMatching(/^line 4: a quote/),
  ]);
});

test("a refused row leaves its product as it was", async () => {
  const row = (price: string) =>
    exportOf(lampRow({ Handle: "as-is", Vendor: "AsIs", "Variant Price": price }));
  await importCsv(shop, row("1.00"));
  expect(await importCsv(shop, row("500000.555"))).toMatchObject({ refused: 1, withdrawn: 0 });
  expect((await productsOf(shop, "AsIs")).get("LAMP-1")).toMatchObject({ price_cents: 100, version: 1 });
});

test("variants that share an SKU are products of their own", async () => {
  const mugs = csv(
    "Handle,Title,Vendor,Option1 Value,Variant Price,Variant SKU,Variant Inventory Qty",
    "mug,Mug,Mugs,Red,5.00,MUG,3",
    "mug,,,Blue,5.00,MUG,4",
  );
  expect(await importCsv(shop, mugs)).toMatchObject({ created: 2, refused: 0 });
  const items = ((await allItems(shop, "products")) as unknown as ProductItem[]).filter(
    ({ sku }) => sku === "MUG",
  );
  expect(await Promise.all(items.map((item) => availableOf(shop, item)))).toEqual(
    expect.arrayContaining([3, 4]),
  );
  expect(await importCsv(shop, mugs)).toMatchObject({ unchanged: 2 });
});

const trays = (title: string, ...variants: [option: string, sku: string][]): string =>
  csv(
    "Handle,Title,Vendor,Option1 Value,Variant Price,Variant SKU,Variant Inventory Qty",
    ...variants.map(
      ([option, sku], index) => `tray,${index === 0 ? title : ""},Trays,${option},5.00,${sku},3`,
    ),
  );

test("SKUs filled in, a new title, new labels, another order: the same products, and no more stock", async () => {
  expect(await importCsv(shop, trays("Tray", ["S", ""], ["M", ""]))).toMatchObject({ created: 2 });
  const idsOf = async () =>
    [...(await productsOf(shop, "Trays")).values()].map(({ product_id }) => product_id).sort();
  const before = await idsOf();
  const filledIn = trays("Serving tray", ["S", "TR-S"], ["M", "TR-M"]);
  expect(await importCsv(shop, filledIn)).toMatchObject({ created: 0, updated: 2, withdrawn: 0 });
  const relabelled = trays("Serving tray", ["Medium", "TR-M"], ["Small", "TR-S"]);
  expect(await importCsv(shop, relabelled)).toMatchObject({ created: 0, updated: 2, withdrawn: 0 });
  expect(await importCsv(shop, relabelled)).toMatchObject({ unchanged: 2 });
  expect(await idsOf()).toEqual(before);
  const products = await productsOf(shop, "Trays");
  expect(products.get("TR-S")?.name).toBe("Serving tray – Small");
  expect(await availableOf(shop, products.get("TR-S"))).toBe(3);
});

test("NDJSON: numbers as given, fields left out keep their value, stock is not touched", async () => {
  const lamp = {
    product_id: 42,
    sku: "ND-42",
    manufacturer: "Sola",
    category_id: 1,
    weight: 1,
    some_other_id: 1,
  };
  await putProduct(shop, { ...lamp, name: "Kept", price: 3.1 });
  await setStock(shop, 42, { available: 4 });
  const lines = [
    lamp,
    { ...lamp, product_id: 43, sku: "ND-43" },
    { ...lamp, sku: "ND-44" },
    { ...lamp, product_id: 0 },
    { ...lamp, product_id: 44, price: 9_999_999.995 },
  ];
  const text = lines.map((line) => JSON.stringify(line)).join("\n");
  const summary = await importAll(shop, await ndjsonRowsIn(text));
  expect(summary).toMatchObject({ created: 1, unchanged: 1, refused: 3, restocked: 0, unstocked: 1 });
  expect(summary.problems).toEqual([
    "line 3: is the same product as line 1",
    expect.stringMatching(/^line 4: product_id: /),
    "line 5: price: must have at most two decimals",
  ]);
  expect(await getProduct(shop, 42)).toMatchObject({ name: "Kept", price: 3.1, version: 1 });
  expect(await getStock(shop, 42)).toMatchObject({ available: 4 });

  const exported = [await getProduct(shop, 42), await getProduct(shop, 43)].map((product) =>
    JSON.stringify(product),
  );
  expect(await importAll(shop, await ndjsonRowsIn(exported.join("\n")))).toMatchObject({ unchanged: 2 });
});

test("the signal ends it between writes, and what is written counts", async () => {
  const stopping = new AbortController();
  const text = many("shelf", 300, "Shelves");
  const rows = await shopifyRowsIn(text);
  async function* interrupted(): AsyncGenerator<Row> {
    for (const [index, row] of rows.entries()) {
      if (index === 150) stopping.abort();
      yield row;
    }
  }
  const summary = emptySummary();
  await importRows(shop, {
    rows: interrupted(),
    survey: await surveyIn(text),
    options: { untrackedStock: 1, keepStock: false, prune: false },
    summary,
    signal: stopping.signal,
  });
  expect(summary.created).toBe(100);
  expect(await importCsv(shop, text)).toMatchObject({ created: 200, unchanged: 100 });
});

test("an import that broke off between a record and its product goes on with the same number", async () => {
  const text = exportOf(lampRow({ Handle: "broken-off", Vendor: "Broken" }));
  let writes = 0;
  const send = ((command: { constructor: { name: string } }) => {
    if (command.constructor.name === "UpdateCommand" && (writes += 1) === 1)
      return Promise.reject(new Error("gone"));
    return shop.db.send(command as never);
  }) as typeof shop.db.send;
  await expect(importCsv({ ...shop, db: { ...shop.db, send } }, text)).rejects.toThrow("gone");
  const records = (await allItems(shop, "imports")).filter(({ handle }) => handle === "broken-off");
  expect(records).toHaveLength(1);
  expect(await importCsv(shop, text)).toMatchObject({ created: 1 });
  expect((await productsOf(shop, "Broken")).get("LAMP-1")?.product_id).toBe(records[0]?.product_id);
});

test("a storage that fails ends the import", async () => {
  const broken = {
    ...shop,
    db: { ...shop.db, send: () => Promise.reject(new Error("gone")) },
  } as typeof shop;
  await expect(importCsv(broken, many("hook", 1, "Hooks"))).rejects.toThrow("gone");
});

test("a database of a version without records is refused before anything is written", async () => {
  const older = { ...shop, tables: { ...shop.tables, imports: "nowhere" } };
  await expect(importCsv(older, many("peg", 1, "Pegs"))).rejects.toThrow(
    "There is no table nowhere: deploy this version of the shop before importing",
  );
  expect((await productsOf(shop, "Pegs")).size).toBe(0);
});

const shared = fileURLToPath(new URL("../../../../shared/data/", import.meta.url));
const merchantFiles = [shared, `${shared}faults/`].flatMap((folder) =>
  existsSync(folder) ? readdirSync(folder).map((name) => folder + name) : [],
);
if (merchantFiles.length === 0) console.warn(`NOT TESTED: there are no merchants' files in ${shared}`);

test.each(merchantFiles.filter((file) => file.endsWith(".csv")))("%s, twice", async (file) => {
  const source = await openSource(file);
  const run = async () => {
    const summary = emptySummary();
    await importRows(shop, {
      rows: source.rows(() => undefined),
      survey: source.survey,
      options: { untrackedStock: 1_000_000, keepStock: false, prune: false },
      summary,
    });
    return summary;
  };
  const first = await run();
  expect(first.created + first.updated + first.withdrawn + first.hidden + first.refused).toBeGreaterThan(0);
  expect(await run()).toMatchObject({
    created: 0,
    updated: 0,
    withdrawn: 0,
    restocked: 0,
    refused: first.refused,
  });
});
