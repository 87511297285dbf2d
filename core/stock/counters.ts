import type { TransactItem } from "../storage/transact.ts";
import type { TableNames } from "../tables.ts";
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

/** The product of a counter, by the counter's id. */
export const productOf = (id: string): number => Number(id.slice(0, id.indexOf("#")));

interface WithTables {
  readonly tables: TableNames;
}

/** Pieces are reserved by an order, then released or sold; or taken to another counter and put there. */
export type MovementKind = "reserve" | "release" | "sell" | "take" | "put";

/** Pieces that move between two counts of one counter. */
export interface Movement extends Reservation {
  readonly kind: MovementKind;
}

export const counterOf = ({ product_id, shard }: Reservation): string => stockId(product_id, shard);

/**
 * All movements of one counter, of however many orders, as one part of a transaction. It refuses to take more than is
 * there, so that no count ever goes below zero.
 */
export const moveStock = ({ tables }: WithTables, movements: readonly Movement[]): TransactItem => {
  const sum = (kind: MovementKind): number =>
    movements.reduce((pieces, movement) => pieces + (movement.kind === kind ? movement.quantity : 0), 0);
  const [reserve, release, sell] = [sum("reserve"), sum("release"), sum("sell")];
  const [take, put] = [sum("take"), sum("put")];
  const [first] = movements;
  return {
    Update: {
      TableName: tables.stock,
      Key: { stock_id: first && counterOf(first) },
      UpdateExpression: "ADD available :available, reserved :reserved, sold :sold",
      ConditionExpression: "available >= :reserve AND reserved >= :end",
      ExpressionAttributeValues: {
        ":available": release + put - reserve - take,
        ":reserved": reserve - release - sell,
        ":sold": sell,
        ":reserve": reserve + take,
        ":end": release + sell,
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
};

/** Makes a counter, or sets what is available on it; reserved and sold pieces stay counted. */
export const setCounter = (
  { tables }: WithTables,
  { product_id, shard, available }: Pick<CounterItem, "product_id" | "shard" | "available">,
): TransactItem => ({
  Update: {
    TableName: tables.stock,
    Key: { stock_id: stockId(product_id, shard) },
    UpdateExpression:
      "SET available = :available, product_id = :product_id, #shard = :shard, " +
      "reserved = if_not_exists(reserved, :zero), sold = if_not_exists(sold, :zero)",
    ExpressionAttributeNames: { "#shard": "shard" },
    ExpressionAttributeValues: {
      ":available": available,
      ":product_id": product_id,
      ":shard": shard,
      ":zero": 0,
    },
  },
});
