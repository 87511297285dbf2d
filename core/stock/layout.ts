/** The counters of a product are set in one transaction, which takes 100 items, and read by one BatchGetItem. */
export const MAX_SHARDS = 64;

/**
 * Over how many counters a product's stock is split. Kept on the product, which a checkout reads anyway.
 * `made` never shrinks: orders may still hold pieces of a counter that gets no more new stock.
 */
export interface StockLayout {
  readonly shards: number;
  readonly made: number;
}

export const UNSPLIT: StockLayout = { shards: 1, made: 1 };
