/** A quantity of one product, as carts and orders hold it. */
export interface StockLine {
  readonly product_id: number;
  readonly quantity: number;
}

/** Pieces of a line that one counter answers for. */
export interface Reservation extends StockLine {
  readonly shard: number;
}
