import { LRUCache } from "lru-cache";
import type { StockLine } from "./stock-line.ts";

/** Long enough to spare the database most of a rush, short enough that pieces given back are soon found. */
const REMEMBERED_MS = 1_000;
const MAX_PRODUCTS = 10_000;

/** A line that cannot be served in full. */
export interface ShortLine {
  readonly product_id: number;
  readonly requested: number;
  readonly available: number;
}

/** Products that this process found sold out a moment ago. */
export interface SoldOut {
  readonly remember: (productId: number, available: number) => void;
  readonly forget: (productIds: readonly number[]) => void;
  /** The lines that ask for more than was left. */
  readonly shortAmong: (lines: readonly StockLine[]) => ShortLine[];
}

/**
 * Remembers for a second what is sold out, so that those who come too late cost no transaction.
 *
 * @param now epoch milliseconds
 */
export const openSoldOut = (now: () => number): SoldOut => {
  const found = new LRUCache<number, { available: number; until: number }>({ max: MAX_PRODUCTS });
  return {
    remember: (productId, available) =>
      void found.set(productId, { available, until: now() + REMEMBERED_MS }),
    forget: (productIds) => {
      for (const id of productIds) found.delete(id);
    },
    shortAmong: (lines) =>
      lines.flatMap(({ product_id, quantity }) => {
        const left = found.get(product_id);
        return left && left.until > now() && left.available < quantity
          ? [{ product_id, requested: quantity, available: left.available }]
          : [];
      }),
  };
};
