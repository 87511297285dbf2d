import { DomainError } from "../errors.ts";
import type { Shop } from "../shop.ts";
import { type Product, productNotFound } from "./product.ts";

export interface Comparison {
  readonly product: Product;
  /** Whether memory or the second tier had it before the comparison. */
  readonly wasCached: boolean;
  /** Milliseconds of one read each. */
  readonly memoryMs: number;
  readonly secondMs: number;
  readonly databaseMs: number;
}

/**
 * Reads one product from each tier and takes the time of each. The tiers are filled first, so that what is
 * compared is a hit in each of them.
 *
 * @throws DomainError `PRODUCT_NOT_FOUND`, `CACHE_UNAVAILABLE`
 */
export const compareTiers = async (shop: Shop, productId: number): Promise<Comparison> => {
  const { cache, loadAlone } = shop.products;
  const reading = await cache.read(productId);
  const product = reading.entry.value;
  if (!product) throw productNotFound(productId);
  const databaseMs = await timed(() => loadAlone(productId));
  const fillAndTime = async (): Promise<number> => {
    if (!(await cache.l2.get(productId))) {
      cache.l2.fill(productId, reading.entry, undefined);
      await cache.l2.filled();
    }
    return timed(() => cache.l2.get(productId));
  };
  const secondMs = await fillAndTime().catch((cause: unknown) => {
    throw new DomainError("CACHE_UNAVAILABLE", "Redis does not answer", { retryAfterSeconds: 1, cause });
  });
  return {
    product,
    wasCached: reading.source !== "database",
    memoryMs: timedSync(() => cache.recall(productId)),
    secondMs,
    databaseMs,
  };
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

const timedSync = (work: () => unknown): number => {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
};
