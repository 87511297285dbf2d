import { PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Shop } from "../shop.ts";
import { type TransactItem, transact } from "../storage/transact.ts";
import { bucketOf } from "./unfinished.ts";

const TTL_SECONDS = 30 * 24 * 60 * 60;
/** Until recovery tries an order again that was set aside: a person may have mended it. */
const NEXT_LOOK_MS = 24 * 60 * 60 * 1_000;

/** Records that can't be processed and wait for a person. */
export interface DeadLetter {
  /** The order's id; of a stream record that names no order, the record's. */
  readonly record_id: string;
  readonly reason: string;
  /** The stream record as JSON, where there is one. */
  readonly record?: string;
  readonly at: string;
  /** Epoch seconds. */
  readonly expires_at: number;
}

/** Keeps a stream record that can never be processed where a person can find it. Doing it again changes nothing. */
export const setAside = async (
  shop: Shop,
  recordId: string,
  reason: string,
  record?: unknown,
): Promise<void> => {
  const { Put } = deadLetter(shop, recordId, reason, record);
  await shop.db.send(new PutCommand(Put));
  countDeadLetter(shop, recordId, reason);
};

/**
 * Sets an order aside that can't be fulfilled as it is. A confirmed one stays in the index of unfinished
 * orders, so that it is tried again in a day and never lost from sight.
 */
export const setOrderAside = async (
  shop: Shop,
  orderId: string,
  reason: string,
  record?: unknown,
): Promise<void> => {
  const now = shop.now();
  const refusals = await transact(shop.db, [
    deadLetter(shop, orderId, reason, record),
    {
      Update: {
        TableName: shop.tables.orders,
        Key: { order_id: orderId },
        UpdateExpression: "SET set_aside_at = :at, pending_bucket = :bucket, settle_after = :next",
        ConditionExpression: "#status = :confirmed",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: {
          ":at": new Date(now).toISOString(),
          // Of an order that an earlier version confirmed it may be missing.
          ":bucket": bucketOf(orderId, "fulfilment"),
          ":next": now + NEXT_LOOK_MS,
          ":confirmed": "confirmed",
        },
      },
    },
  ]);
  if (refusals) await setAside(shop, orderId, reason, record);
  else countDeadLetter(shop, orderId, reason);
};

/** Takes an order's dead letter away. */
export const closeDeadLetter = (shop: Shop, recordId: string) => ({
  Delete: { TableName: shop.tables.deadLetters, Key: { record_id: recordId } },
});

/** The dead letter as a part of a transaction; {@link countDeadLetter} comes after it, unless the caller counts it otherwise. */
export const deadLetter = (shop: Shop, recordId: string, reason: string, record?: unknown) => {
  const Item: DeadLetter = {
    record_id: recordId,
    reason,
    ...(record !== undefined && { record: JSON.stringify(record) }),
    at: new Date(shop.now()).toISOString(),
    expires_at: Math.floor(shop.now() / 1000) + TTL_SECONDS,
  };
  return { Put: { TableName: shop.tables.deadLetters, Item } } satisfies TransactItem;
};

export const countDeadLetter = (shop: Shop, recordId: string, reason: string): void => {
  shop.metrics.add("DeadLetters", 1);
  shop.log.error("set aside for a person", { record_id: recordId, reason });
};

/** How many dead letters there are, counted up to DynamoDB's page of 1 MB: beyond that the number no longer matters. */
export const countDeadLetters = async (shop: Shop): Promise<number> => {
  const { Count = 0 } = await shop.db.send(
    new ScanCommand({ TableName: shop.tables.deadLetters, Select: "COUNT" }),
  );
  return Count;
};
