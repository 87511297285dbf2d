import { setTimeout as pause } from "node:timers/promises";
import { BELIEVED_MS } from "../cache/tiered-cache.ts";
import { DomainError } from "../errors.ts";
import type { Shop } from "../shop.ts";
import { getCurrentProducts, getProducts } from "./catalog.ts";
import type { Product } from "./product.ts";
import { buildSearchIndex, isCurrent, replaceDamaged } from "./search-build.ts";
import { isDamage } from "./search-file.ts";
import type { SearchIndex } from "./search-index.ts";
import type { SearchHits } from "./search-ranking.ts";

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
  const hits = findIn(shop, index, query, limit);
  const checked_count = index.size;
  return { products: await productsOf(shop, index, hits), total_found: hits.total, checked_count };
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

/**
 * Reads the products of an answer: from memory, else from the index where it keeps them and is as current as
 * memory would have to be, else through the cache.
 */
const productsOf = async (shop: Shop, index: SearchIndex, hits: SearchHits): Promise<Product[]> => {
  const { cache, bus } = shop.products;
  const ids = hits.productIds;
  if (cache.mode() === "off") return inOrder(ids, await getCurrentProducts(shop, ids)); // One batch, not a read each.
  const isHeard = cache.mode() === "tiered" && shop.now() - bus.heardUntil() <= BELIEVED_MS;
  const stored = isHeard ? index.stored(hits) : [];
  const found = new Map<number, Product>();
  const missing: number[] = [];
  ids.forEach((id, i) => {
    const entry = cache.peek(id);
    const kept = stored[i];
    // The index keeps parsed products; an entry's value may be parsed anew.
    const value = kept && kept.version === entry?.version ? kept : entry?.value;
    if (value) found.set(id, value);
    else if (!entry && kept && isCurrent(shop, id) && (cache.recall(id)?.version ?? 0) <= kept.version) {
      found.set(id, kept);
    } else missing.push(id);
  });
  if (missing.length > 0)
    for (const [id, product] of await getProducts(shop, missing)) found.set(id, product);
  return inOrder(ids, found);
};

const inOrder = (ids: readonly number[], products: ReadonlyMap<number, Product>): Product[] =>
  ids.flatMap((id) => products.get(id) ?? []);

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
