import { productDetailsSchema } from "../../../core/catalog/product.ts";
import { stockLevelSchema } from "../../../core/stock/stock.ts";
import type { CsvRecord } from "./csv.ts";
import { derivedSku } from "./derived-sku.ts";
import { textOfHtml } from "./html.ts";
import { complaintsOf, type ProblemRow, problemRow, type Row } from "./row.ts";
import { stableNumber } from "./stable-number.ts";

/** Without these a CSV is no product export of Shopify's. Exports with several stock locations lack the quantity. */
export const REQUIRED_COLUMNS = ["Handle", "Title", "Vendor", "Option1 Value", "Variant Price"] as const;

const OPTION_COLUMNS = ["Option1 Value", "Option2 Value", "Option3 Value"] as const;

type Column =
  | (typeof REQUIRED_COLUMNS)[number]
  | (typeof OPTION_COLUMNS)[number]
  | "Body (HTML)"
  | "Type"
  | "Tags"
  | "Published"
  | "Status"
  | "Variant SKU"
  | "Variant Grams"
  | "Variant Inventory Qty"
  | "Image Src";

/** A record's field by the name of its column; empty where the file has no such column. */
type Cell = (column: Column) => string;

/** What Shopify writes as the option of a product that has none. */
const NO_OPTION = "Default Title";

/**
 * The rows of a Shopify product export. A product spans neighbouring rows of one handle: the first has the
 * title, text, vendor and type of them all; each row with a price is a variant and becomes a product of its
 * own; the others only add a picture.
 *
 * @param records the first is the header
 */
export async function* shopifyRows(records: AsyncIterable<CsvRecord | ProblemRow>): AsyncGenerator<Row> {
  let columns: Map<string, number> | undefined;
  let first: Cell | undefined;
  for await (const record of records) {
    if (record.kind === "problem") {
      yield record;
    } else if (!columns) {
      columns = new Map(record.fields.map((name, index) => [name.trim(), index]));
    } else {
      const cell = cellsOf(record.fields, columns);
      if (!first || cell("Handle") !== first("Handle")) first = cell;
      yield rowOf(record.line, cell, first);
    }
  }
}

export const missingColumns = (header: readonly string[]): string[] => {
  const names = new Set(header.map((name) => name.trim()));
  return REQUIRED_COLUMNS.filter((column) => !names.has(column));
};

const cellsOf =
  (fields: readonly string[], columns: ReadonlyMap<string, number>): Cell =>
  (column) =>
    fields[columns.get(column) ?? -1]?.trim() ?? "";

const rowOf = (line: number, cell: Cell, first: Cell): Row => {
  const handle = cell("Handle");
  if (handle === "") return problemRow(line, "Handle: is blank");
  if (isImageOnly(cell)) return { kind: "image", line };
  if (isHidden(first)) return { kind: "hidden", line };

  const options = cell("Option1 Value") === NO_OPTION ? [] : OPTION_COLUMNS.map(cell).filter(Boolean);
  const ofProduct = (column: Column): string => cell(column) || first(column);
  const identity = JSON.stringify([handle, ...options]);
  const category = ofProduct("Type") || ofProduct("Tags").split(",")[0]?.trim() || "Uncategorised";
  const complaints: string[] = [];
  const title = ofProduct("Title");
  if (title === "") complaints.push("Title: is blank, and so it is on the first row of this Handle");
  const available = readQuantity(cell, complaints);
  const parsed = productDetailsSchema.safeParse({
    product_id: stableNumber("variant", identity),
    sku: cell("Variant SKU") || derivedSku(handle, options),
    manufacturer: ofProduct("Vendor"),
    category_id: stableNumber("category", category),
    weight: readGrams(cell, complaints),
    some_other_id: 1,
    name: options.length > 0 ? `${title} – ${options.join(" / ")}` : title,
    category,
    description: textOfHtml(ofProduct("Body (HTML)")),
    price: readPrice(cell, complaints),
  });
  if (!parsed.success) complaints.push(...complaintsOf(parsed.error));
  if (!parsed.success || complaints.length > 0) return problemRow(line, ...complaints);
  const product = { kind: "product", line, identity, details: parsed.data, isNumbered: false } as const;
  return available === undefined ? product : { ...product, available };
};

/** What only a variant or the first row of a product fills in. */
const VARIANT_COLUMNS = ["Title", ...OPTION_COLUMNS, "Variant SKU", "Variant Price"] as const;

const isImageOnly = (cell: Cell): boolean =>
  cell("Image Src") !== "" && VARIANT_COLUMNS.every((column) => cell(column) === "");

/**
 * Whether customers of the file's shop can't find the product: its status, where the export has one, is another
 * than active (draft, archived, unlisted), or it is not published in the online store.
 */
const isHidden = (first: Cell): boolean =>
  !["", "active"].includes(first("Status").toLowerCase()) || first("Published").toLowerCase() === "false";

/** Stands in for a value already complained about, so that the rest of the row is checked as well. */
const ANY = 0;

const readPrice = (cell: Cell, complaints: string[]): number => {
  const text = cell("Variant Price");
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  complaints.push(text === "" ? "price: is blank (Variant Price)" : `price: ${quoted(text)} is no amount`);
  return ANY;
};

/**
 * The weight in whole grams. "Variant Grams" is in grams whatever "Variant Weight Unit" says (kg on every
 * row of a shop that shows kilograms): that column only tells Shopify how to show the weight, and there is
 * no other column with a weight. Shopify writes fractions where it converted from ounces or pounds.
 */
const readGrams = (cell: Cell, complaints: string[]): number => {
  const text = cell("Variant Grams");
  if (text === "") return 0; // What is not shipped has no weight.
  if (/^-?\d+(\.\d+)?$/.test(text)) return Math.round(Number(text));
  complaints.push(`weight: ${quoted(text)} is no number of grams`);
  return ANY;
};

/** Undefined when the file does not say, or says that more was sold than there was. */
const readQuantity = (cell: Cell, complaints: string[]): number | undefined => {
  const text = cell("Variant Inventory Qty");
  if (text === "" || /^-\d+$/.test(text)) return undefined;
  const level = stockLevelSchema.safeParse({ available: /^\d+$/.test(text) ? Number(text) : Number.NaN });
  if (level.success) return level.data.available;
  complaints.push(`stock: ${quoted(text)} is no quantity (Variant Inventory Qty)`);
  return undefined;
};

const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
