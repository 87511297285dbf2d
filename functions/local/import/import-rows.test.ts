import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { addToCart } from "../../../core/cart/cart.ts";
import { getProduct, putProduct } from "../../../core/catalog/catalog.ts";
import type { ProductItem } from "../../../core/catalog/product.ts";
import { checkout } from "../../../core/order/checkout.ts";
import { getStock, setStock } from "../../../core/stock/stock.ts";
import { allItems, openTestShop, userWithCart } from "../../../core/testing/fixtures.ts";
import { importRows } from "./import-rows.ts";
import type { Row } from "./row.ts";
import { openSource } from "./source.ts";
import { emptySummary } from "./summary.ts";
import {
  csvRow,
  exportOf,
  importAll,
  importCsv,
  lampRow,
  ndjsonRowsIn,
  shopifyRowsIn,
  surveyIn,
  UNTRACKED_STOCK,
} from "./testing.ts";

const shop = openTestShop();

/** A manufacturer's products by SKU, as they are stored. */
const productsOf = async (manufacturer: string): Promise<Map<string, ProductItem>> => {
  const items = (await allItems(shop, "products")) as unknown as ProductItem[];
  const ofOne = items.filter((item) => item.manufacturer === manufacturer);
  return new Map(ofOne.map((item) => [item.sku, item]));
};

const availableOf = async (item: ProductItem | undefined): Promise<number> =>
  (await getStock(shop, item?.product_id ?? 0)).available;

const csv = (...rows: string[]): string => rows.join("\n");

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
  const first = await productsOf("Chairs");
  expect(first.size).toBe(250);
  expect(await importCsv(shop, text)).toMatchObject({ created: 0, updated: 0, unchanged: 250, restocked: 0 });
  expect(await productsOf("Chairs")).toEqual(first);
});

test("what has changed in the file is updated, the rest left alone", async () => {
  const row = (price: string) =>
    lampRow({ Handle: "desk", Vendor: "Desks", "Variant SKU": "DESK", "Variant Price": price });
  const other = lampRow({ Handle: "bench", Vendor: "Desks", "Variant SKU": "BENCH" });
  await importCsv(shop, exportOf(row("10.00"), other));
  const summary = await importCsv(shop, exportOf(row("12.50"), other));
  expect(summary).toMatchObject({ created: 0, updated: 1, unchanged: 1 });
  const products = await productsOf("Desks");
  expect(products.get("DESK")).toMatchObject({ price_cents: 1250, version: 2 });
  expect(products.get("BENCH")).toMatchObject({ price_cents: 1999, version: 1 });
});

test("stock becomes what the file says, whatever was sold; what is reserved stays reserved", async () => {
  const vase = (quantity: number) =>
    exportOf(
      lampRow({ Handle: "vase", Vendor: "Vases", "Variant SKU": "VASE", "Variant Inventory Qty": quantity }),
    );
  await importCsv(shop, vase(5));
  const item = (await productsOf("Vases")).get("VASE");
  const id = item?.product_id ?? 0;
  await checkout(shop, { userId: await userWithCart(shop, [id, 2]), paymentMethod: "pm_card_visa" });
  expect(await getStock(shop, id)).toMatchObject({ available: 3, reserved: 2 });

  expect(await importCsv(shop, vase(5), { keepStock: true })).toMatchObject({ unchanged: 1, restocked: 0 });
  expect(await importCsv(shop, vase(9))).toMatchObject({ updated: 1, restocked: 1 });
  expect(await getStock(shop, id)).toMatchObject({ available: 9, reserved: 2 });
  await setStock(shop, id, { available: 10, shards: 4 });
  expect(await importCsv(shop, vase(-1))).toMatchObject({ updated: 1, restocked: 1 });
  expect(await getStock(shop, id)).toMatchObject({ available: 0, reserved: 2, shards: 4 });
});

test("untracked stock, stock sold beyond zero, and files without a quantity: sellable, and said", async () => {
  const untracked = csv(
    "Handle,Title,Vendor,Option1 Value,Variant Price,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy",
    "poster-a,Poster A,Posters,Default Title,5.00,POSTER-A,,0,deny",
    "poster-b,Poster B,Posters,Default Title,5.00,POSTER-B,shopify,0,continue",
    "poster-c,Poster C,Posters,Default Title,5.00,POSTER-C,shopify,0,deny",
  );
  expect(await importCsv(shop, untracked)).toMatchObject({ created: 3, untracked: 2, restocked: 3 });
  const products = await productsOf("Posters");
  expect(await availableOf(products.get("POSTER-A"))).toBe(UNTRACKED_STOCK);
  expect(await availableOf(products.get("POSTER-B"))).toBe(UNTRACKED_STOCK);
  expect(await availableOf(products.get("POSTER-C"))).toBe(0);
  expect(await importCsv(shop, untracked)).toMatchObject({ unchanged: 3, untracked: 2, restocked: 0 });

  const unstated = csv(
    "Handle,Title,Vendor,Price,SKU",
    "poster-c,Poster C,Posters,5,POSTER-C",
    "d,D,Posters,5,POSTER-D",
  );
  expect(await importCsv(shop, unstated)).toMatchObject({
    created: 1,
    unchanged: 1,
    unstated: 2,
    restocked: 1,
  });
  expect(await availableOf(products.get("POSTER-C"))).toBe(0);
  expect(await availableOf((await productsOf("Posters")).get("POSTER-D"))).toBe(UNTRACKED_STOCK);
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
  expect((await productsOf("AsIs")).get("LAMP-1")).toMatchObject({ price_cents: 100, version: 1 });
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
  expect(await Promise.all(items.map(availableOf))).toEqual(expect.arrayContaining([3, 4]));
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
    [...(await productsOf("Trays")).values()].map(({ product_id }) => product_id).sort();
  const before = await idsOf();
  const filledIn = trays("Serving tray", ["S", "TR-S"], ["M", "TR-M"]);
  expect(await importCsv(shop, filledIn)).toMatchObject({ created: 0, updated: 2, withdrawn: 0 });
  const relabelled = trays("Serving tray", ["Medium", "TR-M"], ["Small", "TR-S"]);
  expect(await importCsv(shop, relabelled)).toMatchObject({ created: 0, updated: 2, withdrawn: 0 });
  expect(await importCsv(shop, relabelled)).toMatchObject({ unchanged: 2 });
  expect(await idsOf()).toEqual(before);
  const products = await productsOf("Trays");
  expect(products.get("TR-S")?.name).toBe("Serving tray – Small");
  expect(await availableOf(products.get("TR-S"))).toBe(3);
});

const FAN = {
  Handle: "old-fan",
  Title: "Old fan",
  Vendor: "Fans",
  "Variant SKU": "FAN1",
  "Variant Inventory Qty": 5,
};

/** The codes with which adding a piece, and checking out a cart that holds one, are refused. */
const refusals = async (id: number, user: string) => {
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => "sold",
      (error: { code?: string }) => error.code,
    );
  const added = await codeOf(addToCart(shop, await userWithCart(shop), { product_id: id, quantity: 1 }));
  return [added, await codeOf(checkout(shop, { userId: user, paymentMethod: "pm_card_visa" }))];
};

test.each([
  ["archived", { Status: "archived" }],
  ["a draft", { Status: "draft" }],
  ["unpublished", { Published: "FALSE" }],
])("a product that is %s since is off sale until it is not", async (what, change) => {
  const handle = `fan-${what}`;
  const fan = (fields = {}) => exportOf(lampRow({ ...FAN, Handle: handle, Vendor: what, ...fields }));
  await importCsv(shop, fan({ Status: "active" }));
  const id = (await productsOf(what)).get("FAN1")?.product_id ?? 0;
  const user = await userWithCart(shop, [id, 1]);

  expect(await importCsv(shop, fan(change))).toMatchObject({ withdrawn: 1, hidden: 0, updated: 0 });
  expect(await refusals(id, user)).toEqual(["NOT_FOR_SALE", "NOT_FOR_SALE"]);
  expect(await getStock(shop, id)).toMatchObject({ available: 0 });
  expect(await importCsv(shop, fan(change))).toMatchObject({ withdrawn: 0, alreadyOff: 1 });

  expect(await importCsv(shop, fan())).toMatchObject({ created: 0, updated: 1 });
  expect(await refusals(id, user)).toEqual(["sold", "sold"]);
});

test("a hidden product that never was in the shop is left out, wherever its rows stand", async () => {
  const summary = await importCsv(
    shop,
    csv(
      "Handle,Title,Vendor,Option1 Value,Variant Price,Variant SKU,Status,Published",
      "jar,Jar,Jars,S,5.00,JAR-S,draft,TRUE",
      "lid,Lid,Jars,Default Title,5.00,LID,active,TRUE",
      "jar,Jar,Jars,M,5.00,JAR-M,,",
    ),
  );
  expect(summary).toMatchObject({ created: 1, hidden: 2, refused: 0 });
  expect([...(await productsOf("Jars")).keys()]).toEqual(["LID"]);
});

test("a variant that a product no longer has is off sale, unless the file could not be read whole", async () => {
  const both = exportOf(
    lampRow({ Handle: "pair", Vendor: "Pairs", "Option1 Value": "L", "Variant SKU": "L" }),
    csvRow({ Handle: "pair", "Option1 Value": "R", "Variant SKU": "R", "Variant Price": 2 }),
  );
  const one = exportOf(
    lampRow({ Handle: "pair", Vendor: "Pairs", "Option1 Value": "L", "Variant SKU": "L" }),
  );
  await importCsv(shop, both);
  expect(await importCsv(shop, `${one}x,"never closed\n`)).toMatchObject({
    withdrawn: 0,
    unsure: 1,
    refused: 1,
  });
  expect(await importCsv(shop, one)).toMatchObject({ withdrawn: 1, unchanged: 1 });
  expect((await productsOf("Pairs")).get("R")).not.toHaveProperty("price_cents");
  expect(await importCsv(shop, both)).toMatchObject({ created: 0, updated: 1, unchanged: 1 });
});

test("products of earlier imports that a file lacks are counted, and with --prune off sale", async () => {
  const other = openTestShop();
  const file = (name: string) => exportOf(lampRow({ Handle: name, Vendor: "Prunes", "Variant SKU": name }));
  await importCsv(other, file("prune-1"));
  const rest = await importCsv(other, file("prune-2"));
  expect(rest.absent).toBeGreaterThan(0);
  expect(rest.withdrawn).toBe(0);
  const unreadable = await importCsv(other, `${file("prune-2")}x,"never closed\n`, { prune: true });
  expect(unreadable).toMatchObject({ withdrawn: 0, absent: rest.absent });
  const pruned = await importCsv(other, file("prune-2"), { prune: true });
  expect(pruned).toMatchObject({ withdrawn: rest.absent, absent: 0, unchanged: 1 });
  expect((await productsOf("Prunes")).get("prune-1")).not.toHaveProperty("price_cents");
  expect(await importCsv(other, file("prune-2"))).toMatchObject({ absent: 0, withdrawn: 0 });
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
  expect((await productsOf("Broken")).get("LAMP-1")?.product_id).toBe(records[0]?.product_id);
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
  expect((await productsOf("Pegs")).size).toBe(0);
});

const realExport = fileURLToPath(new URL("../../../../shared/data/apparel.csv", import.meta.url));
const hasRealExport = existsSync(realExport);
if (!hasRealExport) console.warn(`NOT TESTED: there is no real merchant's export at ${realExport}`);

test.skipIf(!hasRealExport)("a real merchant's export", async () => {
  const source = await openSource(realExport);
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
  expect(await run()).toMatchObject({ created: 22, refused: 0, restocked: 22, untracked: 22 });
  expect(await run()).toMatchObject({ created: 0, updated: 0, unchanged: 22, refused: 0, restocked: 0 });
});
