import { cleanText } from "./text.ts";

/**
 * The columns the import reads, each with the names that Shopify's exports and templates have given it over
 * the years, and those of tools that write such files. The present names come second
 * (help.shopify.com, "Using CSV files to import and export products"). Case and outer spaces do not matter.
 */
const NAMES = {
  handle: ["Handle", "URL handle"],
  title: ["Title"],
  body: ["Body (HTML)", "Description", "Body HTML", "Body"],
  vendor: ["Vendor"],
  type: ["Type", "Custom Product Type", "Product type", "Standard Product Type"],
  taxonomy: ["Product Category"],
  tags: ["Tags"],
  published: ["Published", "Published on online store"],
  status: ["Status"],
  option1: ["Option1 Value"],
  option2: ["Option2 Value"],
  option3: ["Option3 Value"],
  sku: ["Variant SKU", "SKU"],
  grams: ["Variant Grams", "Weight value (grams)"],
  tracker: ["Variant Inventory Tracker", "Inventory tracker"],
  quantity: ["Variant Inventory Qty", "Inventory quantity"],
  policy: ["Variant Inventory Policy", "Continue selling when out of stock"],
  price: ["Variant Price", "Price"],
} as const satisfies Record<string, readonly string[]>;

export type Column = keyof typeof NAMES;

/** Without these a CSV is no product export of Shopify's. */
const REQUIRED = ["handle", "title", "price"] as const satisfies readonly Column[];

/** Where a header has each column; more than one place where it has several of its names. */
export type Layout = ReadonlyMap<Column, readonly number[]>;

const plain = (name: string): string => name.trim().replace(/\s+/g, " ").toLowerCase();

export const layoutOf = (header: readonly string[]): Layout => {
  const places = new Map<string, number>();
  for (const [index, name] of header.entries()) {
    if (!places.has(plain(name))) places.set(plain(name), index);
  }
  const columns = Object.entries(NAMES) as [Column, readonly string[]][];
  return new Map(
    columns.map(([column, names]) => [column, names.flatMap((name) => places.get(plain(name)) ?? [])]),
  );
};

/** The required columns a header lacks, by all their names: `Variant Price (or Price)`. */
export const missingColumns = (header: readonly string[]): string[] => {
  const layout = layoutOf(header);
  return REQUIRED.filter((column) => !layout.get(column)?.length).map((column) => {
    const [name, ...others] = NAMES[column];
    return others.length > 0 ? `${name} (or ${others.join(", ")})` : name;
  });
};

/** The fields of a record in a column; "" where the file has no such column, or nothing in it. */
export const readCell = (fields: readonly string[], layout: Layout, column: Column): string => {
  for (const index of layout.get(column) ?? []) {
    const text = fields[index]?.trim();
    if (text) return text;
  }
  return "";
};

export const hasColumn = (layout: Layout, column: Column): boolean => Boolean(layout.get(column)?.length);

export const handleOf = (fields: readonly string[], layout: Layout): string =>
  cleanText(readCell(fields, layout, "handle"));
