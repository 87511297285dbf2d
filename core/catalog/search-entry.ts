import type { Product } from "./product.ts";

/** What the search index reads of a product. */
export type Searchable = Pick<
  Product,
  "product_id" | "sku" | "name" | "manufacturer" | "category" | "description" | "version"
>;

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/**
 * What to index of an item of the products table. One that another program wrote without some text is found by
 * the rest of it; without a number and a version it is no product.
 */
export const searchableOf = (item: Readonly<Record<string, unknown>>): Searchable[] => {
  const { product_id, version } = item;
  if (!Number.isSafeInteger(product_id) || !Number.isSafeInteger(version)) return [];
  const texts = {
    sku: text(item.sku),
    name: text(item.name),
    manufacturer: text(item.manufacturer),
    category: text(item.category),
    description: text(item.description),
  };
  return [{ product_id: product_id as number, version: version as number, ...texts }];
};
