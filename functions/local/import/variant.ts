import { productDetailsSchema } from "../../../core/catalog/product.ts";
import { MAX_AVAILABLE } from "../../../core/stock/stock.ts";
import { type Column, hasColumn, type Layout } from "./columns.ts";
import type { Delimiter } from "./csv-rows.ts";
import { derivedSku } from "./derived-sku.ts";
import { textOfHtml } from "./html.ts";
import { complaintsOf, type StockWord, type Variant } from "./row.ts";
import { stableNumber } from "./stable-number.ts";
import { cleanText, shortenText } from "./text.ts";

/** Columns that a product fills once for all its variants. */
const SHARED = ["title", "vendor", "type", "taxonomy", "tags", "published", "status"] as const;

export type Shared = Partial<Record<(typeof SHARED)[number] | "text", string>>;

/** Columns that a row fills for its variant alone. */
export interface OwnFields {
  readonly line: number;
  readonly options: readonly string[];
  readonly sku: string;
  readonly price: string;
  readonly grams: string;
  readonly quantity: string;
  /** Whether pieces are counted; undefined where the file has no such column. */
  readonly isTracked: boolean | undefined;
  /** Whether it is sold when nothing is left as well. */
  readonly isUnlimited: boolean;
  /** Whether a comma may be a decimal point, as it is where a comma can't separate fields. */
  readonly hasDecimalComma: boolean;
}

/** The longest description the shop's products have, in UTF-16 code units. */
export const MAX_DESCRIPTION = 10_000;

/** Shopify's name for the option of a product that has none. */
const NO_OPTION = "Default Title";

/** Shopify's own import takes the shop's name, which no export contains. */
const NO_VENDOR = "Unbranded";
const NO_CATEGORY = "Uncategorised";

/** How files say that a variant is sold without stock: `continue` in exports, TRUE in some templates. */
const UNLIMITED = ["continue", "true", "yes", "1"];

/** Adds what a row says of its product, as far as no earlier row says it. */
export const addShared = (shared: Shared, cell: (column: Column) => string): void => {
  for (const column of SHARED) shared[column] ||= cell(column);
  // No more than the shop can hold: a product whose rows are scattered waits in memory.
  shared.text ||= textOfHtml(cell("body")).slice(0, MAX_DESCRIPTION + 1);
};

export const readOwn = (
  line: number,
  cell: (column: Column) => string,
  layout: Layout,
  delimiter: Delimiter,
): OwnFields => {
  const options = [cell("option1"), cell("option2"), cell("option3")].map(cleanText).filter(Boolean);
  return {
    line,
    options: options[0] === NO_OPTION ? [] : options,
    sku: cleanText(cell("sku")),
    price: cell("price"),
    grams: cell("grams"),
    quantity: cell("quantity"),
    isTracked: hasColumn(layout, "tracker") ? cell("tracker") !== "" : undefined,
    isUnlimited: UNLIMITED.includes(cell("policy").toLowerCase()),
    hasDecimalComma: delimiter !== ",",
  };
};

/** The fields that all variants of a product have alike. */
export const sharedFields = (handle: string, { title, text = "", vendor, type, taxonomy, tags }: Shared) => {
  const category = categoryOf(type, taxonomy, tags);
  return {
    handle,
    title: cleanText(title ?? ""),
    manufacturer: cleanText(vendor ?? "") || NO_VENDOR,
    category,
    category_id: stableNumber("category", category),
    description: shortenText(text, MAX_DESCRIPTION),
    isShortened: text.length > MAX_DESCRIPTION,
  };
};

/** The product type; else the last step of Shopify's own taxonomy, `Apparel > Clothing > Shirts`; else the first tag. */
const categoryOf = (type = "", taxonomy = "", tags = ""): string =>
  [type, taxonomy.split(">").at(-1), tags.split(",")[0]].map((name) => cleanText(name ?? "")).find(Boolean) ??
  NO_CATEGORY;

/** One variant as a product of the shop, with all that is wrong with it. */
export const readVariant = (
  { handle, title, isShortened, ...shared }: ReturnType<typeof sharedFields>,
  own: OwnFields,
): Variant & { readonly complaints: string[] } => {
  const { line, options, sku } = own;
  const complaints: string[] = [];
  if (title === "") complaints.push("Title: no row of this Handle has one");
  const stock = readStock(own, complaints);
  const parsed = productDetailsSchema.safeParse({
    ...shared,
    product_id: stableNumber("variant", JSON.stringify([handle, ...options])),
    sku: sku || derivedSku(handle, options),
    weight: readGrams(own, complaints),
    some_other_id: 1,
    name: options.length > 0 ? `${title} – ${options.join(" / ")}` : title,
    price: readPrice(own, complaints),
  });
  if (!parsed.success) complaints.push(...complaintsOf(parsed.error));
  if (!parsed.success || complaints.length > 0) return { line, options, sku, complaints };
  return { line, options, sku, details: parsed.data, stock, isShortened, complaints };
};

/** Stands in for a value already complained about, so that the rest of the row is checked as well. */
const ANY = 0;

/** Read digit by digit: as a binary number, 500000.555 is already another one. */
const readPrice = ({ price, hasDecimalComma }: OwnFields, complaints: string[]): number => {
  const text = hasDecimalComma ? price.replace(",", ".") : price;
  if (text === "") complaints.push("price: is blank (Variant Price)");
  else if (!/^-?\d+(\.\d+)?$/.test(text)) complaints.push(`price: ${quoted(price)} is no amount`);
  else if (/\.\d\d\d*[1-9]/.test(text))
    complaints.push(`price: ${quoted(price)} must have at most two decimals`);
  else return Number(text);
  return ANY;
};

/**
 * The weight in whole grams. The column is in grams whatever "Variant Weight Unit" says (kg on every row of a
 * shop that shows kilograms): that one only tells Shopify how to show the weight. Shopify writes fractions
 * where it converted from ounces or pounds.
 */
const readGrams = ({ grams, hasDecimalComma }: OwnFields, complaints: string[]): number => {
  const text = hasDecimalComma ? grams.replace(",", ".") : grams;
  if (text === "") return 0; // A variant that is not shipped has no weight.
  if (/^-?\d+(\.\d+)?$/.test(text)) return Math.round(Number(text));
  complaints.push(`weight: ${quoted(grams)} is no number of grams`);
  return ANY;
};

/** A quantity below zero says that more was sold than there was. */
const readStock = (own: OwnFields, complaints: string[]): StockWord => {
  if (own.isUnlimited || own.isTracked === false) return "untracked";
  const { quantity } = own;
  if (quantity === "") return undefined;
  const pieces = /^-?\d+(\.0+)?$/.test(quantity) ? Math.max(0, Number(quantity)) : Number.NaN;
  if (pieces <= MAX_AVAILABLE) return pieces;
  complaints.push(`stock: ${quoted(quantity)} is no quantity (Variant Inventory Qty)`);
  return undefined;
};

const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
