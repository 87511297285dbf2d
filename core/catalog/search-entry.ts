import { type Product, type ProductItem, productFromItem } from "./product.ts";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const isVersion = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

/**
 * The product of an item of the products table, to be indexed. One that another program wrote without some text is
 * found by the rest of it; without a number and a version it is no product.
 */
export const searchableOf = (item: Readonly<Record<string, unknown>>): Product[] => {
  if (!isVersion(item.product_id) || !isVersion(item.version)) return [];
  const texts = {
    sku: text(item.sku),
    name: text(item.name),
    manufacturer: text(item.manufacturer),
    category: text(item.category),
    description: text(item.description),
  };
  return [productFromItem({ ...(item as unknown as ProductItem), ...texts })];
};
