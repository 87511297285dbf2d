import type { Shop } from "../shop.ts";
import { getProducts } from "./catalog.ts";
import { type Product, productNotFound } from "./product.ts";

/** Reads within a decay interval from which a product counts as hot by itself. */
const HOT_READS = 200;
const MAX_DETECTED = 20;

export interface HotProduct extends Product {
  readonly hot: { readonly pinned: boolean; readonly reads: number };
}

/** The products somebody pinned, then those this process sees read most. */
export const listHotProducts = async (shop: Shop): Promise<HotProduct[]> => {
  const { pins, hot } = shop.products;
  const reads = new Map(hot.top(Number.POSITIVE_INFINITY).map(({ key, reads }) => [key, reads]));
  const detected = hot.top(MAX_DETECTED, HOT_READS).map(({ key }) => key);
  const ids = [...new Set([...pins.ids(), ...detected])];
  const products = await getProducts(shop, ids);
  return ids.flatMap((id) => {
    const product = products.get(id);
    return product ? { ...product, hot: { pinned: pins.isPinned(id), reads: reads.get(id) ?? 0 } } : [];
  });
};

/**
 * Pins a product: it stays in every process's memory for longer, refreshed before it expires.
 *
 * @throws DomainError `PRODUCT_NOT_FOUND`, `TOO_MANY_PINS`, `CACHE_UNAVAILABLE`
 */
export const pinProduct = async (shop: Shop, productId: number): Promise<void> => {
  const { entry } = await shop.products.cache.read(productId);
  if (entry.kind !== "value") throw productNotFound(productId);
  await shop.products.pins.pin(productId);
};
