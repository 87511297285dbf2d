import type { TransactItem } from "../storage/transact.ts";
import type { TableNames } from "../tables.ts";

/** The counters of a product are set in one transaction, which takes 100 items, and read by one BatchGetItem. */
export const MAX_SHARDS = 64;

/**
 * Over how many counters a product's stock is split. Kept on the product, which a checkout reads anyway.
 * `made` never shrinks: orders may still hold pieces of a counter that gets no more new stock.
 */
export interface StockLayout {
  readonly shards: number;
  readonly made: number;
  /** Set by hand: the shop itself does not change how many there are. */
  readonly isFixed?: boolean;
  /** Counts changes, each of which may move pieces between counters: a reader of these can tell whether one came between. */
  readonly changes?: number;
}

export const UNSPLIT: StockLayout = { shards: 1, made: 1 };

/** The layout after a change to another number of counters. */
export const changedLayout = (
  { made, changes = 0, isFixed = false }: StockLayout,
  shards: number,
  willBeFixed = isFixed,
): StockLayout => ({
  shards,
  made: Math.max(made, shards),
  changes: changes + 1,
  ...(willBeFixed && { isFixed: true }),
});

/** Conditional on the layout that was read: a split made meanwhile would leave pieces on counters not written here. */
export const layOut = (
  { tables }: { readonly tables: TableNames },
  productId: number,
  seen: StockLayout,
  layout: StockLayout,
): TransactItem => ({
  Update: {
    TableName: tables.products,
    Key: { product_id: productId },
    UpdateExpression: "SET stock_layout = :layout",
    ConditionExpression:
      "attribute_exists(product_id) AND (stock_layout = :seen OR attribute_not_exists(stock_layout))",
    ExpressionAttributeValues: { ":layout": layout, ":seen": seen },
  },
});
