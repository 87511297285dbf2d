import type { ProductItem } from "../../../core/catalog/product.ts";
import type { Shop } from "../../../core/shop.ts";
import { getStock } from "../../../core/stock/stock.ts";
import { allItems } from "../../../core/testing/fixtures.ts";
import { csvRecords } from "./csv-rows.ts";
import { importRows } from "./import-rows.ts";
import { emptySummary, type Summary } from "./import-summary.ts";
import { ndjsonRows } from "./ndjson.ts";
import type { Row, Variant } from "./row.ts";
import { shopifyProducts } from "./shopify.ts";
import { type Survey, surveyCsv } from "./survey.ts";
import type { SyncOptions } from "./sync.ts";
import { type Line, readLines } from "./text-lines.ts";

/** The bytes of a text in pieces of a few, so that everything is cut somewhere. */
export async function* chunksOf(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

export const linesIn = (text: string | Uint8Array): AsyncGenerator<Line> => readLines(chunksOf(text));

export const surveyIn = (text: string): Promise<Survey> => surveyCsv(linesIn(text));

/** The products, extra rows and problems of a CSV file. */
export const shopifyRowsIn = async (text: string): Promise<Row[]> =>
  collect(shopifyProducts(csvRecords(linesIn(text)), await surveyIn(text)));

export const ndjsonRowsIn = (text: string): Promise<Row[]> => collect(ndjsonRows(linesIn(text)));

export const UNTRACKED_STOCK = 7_000;

async function* streamed(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

/** Imports rows; those of a CSV file with its survey. */
export const importAll = async (
  shop: Shop,
  rows: readonly Row[],
  { survey, ...options }: Partial<SyncOptions> & { survey?: Survey } = {},
): Promise<Summary> => {
  const summary = emptySummary();
  await importRows(shop, {
    rows: streamed(rows),
    survey,
    options: { untrackedStock: UNTRACKED_STOCK, keepStock: false, prune: false, ...options },
    summary,
  });
  return summary;
};

export const importCsv = async (
  shop: Shop,
  text: string,
  options: Partial<SyncOptions> = {},
): Promise<Summary> =>
  importAll(shop, await shopifyRowsIn(text), { ...options, survey: await surveyIn(text) });

/** The header of the small exports of the tests; Shopify's own has some thirty columns more. */
export const HEADER =
  "Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Option2 Name,Option2 Value," +
  "Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price,Image Src,Variant Weight Unit,Published,Status";

export type Fields = Readonly<Record<string, string | number>>;

/** One row under {@link HEADER}; fields are written as they are given, quotes and all. */
export const csvRow = (fields: Fields): string =>
  HEADER.split(",")
    .map((column) => fields[column] ?? "")
    .join(",");

/** A row that is right as it stands, with these fields changed. */
export const lampRow = (fields: Fields = {}): string =>
  csvRow({
    Handle: "oak-lamp",
    Title: "Oak Lamp",
    Vendor: "Northwind",
    Type: "Lighting",
    "Option1 Name": "Title",
    "Option1 Value": "Default Title",
    "Variant SKU": "LAMP-1",
    "Variant Grams": 350,
    "Variant Inventory Qty": 5,
    "Variant Price": "19.99",
    "Variant Weight Unit": "kg",
    ...fields,
  });

/** An export with these rows under the header. */
export const exportOf = (...rows: string[]): string => [HEADER, ...rows, ""].join("\n");

/** The variants of all products. */
export const variantsIn = (rows: readonly Row[]): Variant[] =>
  rows.flatMap((row) => (row.kind === "product" ? row.variants : []));

/** The one variant of an export with one row. */
export const onlyVariant = async (fields: Fields = {}): Promise<Variant> => {
  const [variant] = variantsIn(await shopifyRowsIn(exportOf(lampRow(fields))));
  if (!variant) throw new Error("no variant");
  return variant;
};

export const problemsIn = (rows: readonly Row[]): string[] =>
  rows.flatMap((row) => (row.kind === "problem" ? `${row.line}: ${row.message}` : []));

export const problemOf = async (fields: Fields): Promise<string> => {
  const [row] = await shopifyRowsIn(exportOf(lampRow(fields)));
  return row?.kind === "problem" ? row.message : "";
};

/** A manufacturer's products by SKU, as they are stored. */
export const productsOf = async (shop: Shop, manufacturer: string): Promise<Map<string, ProductItem>> => {
  const items = (await allItems(shop, "products")) as unknown as ProductItem[];
  const ofOne = items.filter((item) => item.manufacturer === manufacturer);
  return new Map(ofOne.map((item) => [item.sku, item]));
};

export const availableOf = async (shop: Shop, item: ProductItem | undefined): Promise<number> =>
  (await getStock(shop, item?.product_id ?? 0)).available;

export const csv = (...rows: string[]): string => rows.join("\n");
