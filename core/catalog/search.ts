import { setTimeout as pause } from "node:timers/promises";
import { DomainError } from "../errors.ts";
import type { Shop } from "../shop.ts";
import { getCurrentProducts, getProducts } from "./catalog.ts";
import type { Product } from "./product.ts";
import { buildSearchIndex, replaceDamaged } from "./search-build.ts";
import { isDamage } from "./search-file.ts";
import type { SearchIndex } from "./search-index.ts";

export interface SearchResult {
  readonly products: Product[];
  /** Matches in the whole catalogue. */
  readonly total_found: number;
  /** Products the search covered. */
  readonly checked_count: number;
}

/**
 * Searches the whole catalogue by SKU, whole or its beginning, and by name, manufacturer, category and
 * description: every word must match, whole or as a prefix, in any case; SKUs first, then best matches first.
 *
 * @param patience milliseconds to wait for an index that is being built
 * @throws DomainError `SEARCH_NOT_READY` when it is not there by then
 */
export const searchProducts = async (
  shop: Shop,
  query: string,
  limit: number,
  patience = 0,
): Promise<SearchResult> => {
  const index = readyIndex(shop) ?? (await builtWithin(shop, patience));
  if (!index) throw notReady();
  const { productIds, total } = findIn(shop, index, query, limit);
  const checked_count = index.size;
  return { products: await productsOf(shop, productIds), total_found: total, checked_count };
};

const notReady = (): DomainError =>
  new DomainError("SEARCH_NOT_READY", "The search index is being built; try again shortly", {
    retryAfterSeconds: 2,
  });

const findIn = (shop: Shop, index: SearchIndex, query: string, limit: number) => {
  try {
    return index.find(query, limit);
  } catch (error) {
    if (!isDamage(error)) throw error;
    replaceDamaged(shop, index, error);
    throw notReady();
  }
};

/** Nearly always all of them are in memory; without a cache one batch is cheaper than a read for each. */
const productsOf = async (shop: Shop, ids: readonly number[]): Promise<Product[]> => {
  const { cache } = shop.products;
  const found = new Map<number, Product>();
  for (const id of ids) {
    const value = cache.peek(id)?.value;
    if (value) found.set(id, value);
  }
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length > 0) {
    const read = cache.mode() === "off" ? getCurrentProducts : getProducts;
    for (const [id, product] of await read(shop, missing)) found.set(id, product);
  }
  return ids.flatMap((id) => found.get(id) ?? []);
};

/** The index if it is there in time; begins to build it where nobody has. */
const builtWithin = async (shop: Shop, patience: number): Promise<SearchIndex | undefined> => {
  const built = buildSearchIndex(shop).catch(() => undefined); // It logs its own failure, and the next call tries again.
  const giveUp = new AbortController();
  const { signal } = giveUp;
  await Promise.race([built, pause(patience, undefined, { signal }).catch(() => undefined)]);
  giveUp.abort();
  return readyIndex(shop);
};

const readyIndex = ({ search }: Shop): SearchIndex | undefined => (search.isReady ? search.index : undefined);

export const isSearchReady = (shop: Shop): boolean => readyIndex(shop) !== undefined;

/** Products in the index; undefined until it is ready. */
export const indexedCount = (shop: Shop): number | undefined => readyIndex(shop)?.size;
