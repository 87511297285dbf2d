import { LRUCache } from "lru-cache";
import type { StockLayout } from "./layout.ts";
import type { Reservation, StockLine } from "./stock-line.ts";

const MAX_PRODUCTS = 10_000;

/** A line with the layout of its product's stock. */
export interface LineToReserve extends StockLine {
  readonly layout: StockLayout;
}

/** The counter of each split product that this process takes from. */
export interface Homes {
  /** Each line from the home of its product. */
  readonly draw: (lines: readonly LineToReserve[]) => Reservation[];
  /** Takes from the counters that had enough from now on. */
  readonly settle: (plan: readonly Reservation[]) => void;
  /** Draws another one the next time. */
  readonly leave: (productId: number) => void;
}

/**
 * A process keeps to one counter of a product: what it sells there goes into few, large transactions, and no other process
 * gets in their way as long as it has a home of its own. One that meets another moves, so that with more counters than
 * processes they soon live apart.
 */
export const openHomes = (random: () => number = Math.random): Homes => {
  const homes = new LRUCache<number, number>({ max: MAX_PRODUCTS });
  const homeOf = (productId: number, { shards }: StockLayout): number => {
    if (shards === 1) return 0;
    const known = homes.get(productId);
    if (known !== undefined && known < shards) return known;
    const drawn = Math.floor(random() * shards);
    homes.set(productId, drawn);
    return drawn;
  };
  return {
    draw: (lines) =>
      lines.map(({ product_id, quantity, layout }) => ({
        product_id,
        quantity,
        shard: homeOf(product_id, layout),
      })),
    settle: (plan) => {
      for (const { product_id, shard } of plan) homes.set(product_id, shard);
    },
    leave: (productId) => void homes.delete(productId),
  };
};
