import type { Shop } from "../shop.ts";
import type { TransactItem } from "../storage/transact.ts";
import type { Reservation } from "./stock-line.ts";

/** One counter of a product's stock. A product whose stock is not split has one, of shard 0. */
export interface CounterItem {
  readonly stock_id: string;
  readonly product_id: number;
  readonly shard: number;
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
}

/**
 * The shard is a part of the partition key: only then do a product's counters lie on different partitions,
 * each with a write limit of its own.
 */
export const stockId = (productId: number, shard: number): string => `${productId}#${shard}`;

/**
 * A movement of pieces between two counts, as a part of a transaction. It refuses to take more than is
 * there, so that no count ever goes below zero.
 */
const move =
  (from: "available" | "reserved", to: "available" | "reserved" | "sold") =>
  (shop: Shop, { product_id, shard, quantity }: Reservation): TransactItem => ({
    Update: {
      TableName: shop.tables.stock,
      Key: { stock_id: stockId(product_id, shard) },
      UpdateExpression: `ADD ${from} :minus, ${to} :plus`,
      ConditionExpression: `${from} >= :plus`,
      ExpressionAttributeValues: { ":minus": -quantity, ":plus": quantity },
    },
  });

export const reserveStock = move("available", "reserved");
export const releaseStock = move("reserved", "available");
export const sellStock = move("reserved", "sold");
