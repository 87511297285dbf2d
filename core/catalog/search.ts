import { setTimeout as pause } from "node:timers/promises";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import { runInRequestScope } from "../request-scope.ts";
import type { Shop } from "../shop.ts";
import { getProduct, getProducts } from "./catalog.ts";
import { type Product, type ProductItem, productFromItem } from "./product.ts";

export interface SearchResult {
  readonly products: Product[];
  /** Matches in the whole catalogue. */
  readonly total_found: number;
  /** Products the search covered. */
  readonly checked_count: number;
}

const PAGE_SIZE = 1_000;

type Build = { readonly done: Promise<void>; isReady: boolean };
const builds = new WeakMap<Shop, Build>();
const following = new WeakSet<Shop>();

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
  if (!(await isBuiltWithin(shop, patience))) {
    throw new DomainError("SEARCH_NOT_READY", "The search index is being built; try again shortly", {
      retryAfterSeconds: 2,
    });
  }
  const { productIds, total } = shop.search.find(query, limit);
  const products = await getProducts(shop, productIds);
  return {
    products: productIds.flatMap((id) => products.get(id) ?? []),
    total_found: total,
    checked_count: shop.search.size,
  };
};

/** Whether the index is there in time; begins to build it where nobody has. */
const isBuiltWithin = async (shop: Shop, patience: number): Promise<boolean> => {
  if (isSearchReady(shop)) return true;
  const built = buildSearchIndex(shop).catch(() => undefined); // It logs its own failure, and the next call tries again.
  const giveUp = new AbortController();
  if (patience > 0) {
    const { signal } = giveUp;
    await Promise.race([built, pause(patience, undefined, { signal }).catch(() => undefined)]);
    giveUp.abort();
  }
  return isSearchReady(shop);
};

export const isSearchReady = (shop: Shop): boolean => builds.get(shop)?.isReady ?? false;

/** Fills the index from the products table, once; products written meanwhile keep their newer entries. */
export const buildSearchIndex = (shop: Shop): Promise<void> => {
  const running = builds.get(shop);
  if (running) return running.done;
  // Outside of any request: the scan outlives the request that happened to ask for it.
  const done = runInRequestScope({ requestId: "search-index" }, () => scanInto(shop));
  const build: Build = { done, isReady: false };
  builds.set(shop, build);
  followWrites(shop);
  done.then(
    () => {
      build.isReady = true;
    },
    (error: unknown) => {
      builds.delete(shop);
      shop.log.error("building the search index failed", error as Error);
    },
  );
  return done;
};

/** Takes over what other processes write, as the bus tells of it. */
const followWrites = (shop: Shop): void => {
  if (following.has(shop)) return;
  following.add(shop);
  shop.products.bus.onMessage((message) => {
    if (message.type !== "invalidate") return;
    getProduct(shop, message.key).then(shop.search.put, (error: unknown) => {
      shop.log.warn("the search index missed a write", { product_id: message.key, error: error as Error });
    });
  });
};

const scanInto = async (shop: Shop): Promise<void> => {
  const startedAt = performance.now();
  let start: Record<string, unknown> | undefined;
  do {
    const page = await shop.db.send(
      new ScanCommand({
        TableName: shop.tables.products,
        // Short pages: the embedded engine answers one request at a time, and customers are waiting too.
        Limit: PAGE_SIZE,
        ProjectionExpression: "product_id, sku, #name, manufacturer, category, description, version",
        ExpressionAttributeNames: { "#name": "name" },
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    shop.search.putAll(((page.Items ?? []) as ProductItem[]).map(productFromItem));
    start = page.LastEvaluatedKey;
  } while (start);
  shop.log.info("search index ready", {
    products: shop.search.size,
    ms: Math.round(performance.now() - startedAt),
  });
};
