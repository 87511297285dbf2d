import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type QueryCommandInput, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Shop } from "../shop.ts";
import type { OrderItem } from "./order.ts";

/** The steps that an unfinished order may wait for. Its buckets go by this order, so that stages may only be added. */
export const STAGES = ["payment", "fulfilment", "refund"] as const;
export type Stage = (typeof STAGES)[number];

/** @returns undefined for a finished order */
export const stageOf = ({ status, refund }: OrderItem): Stage | undefined => {
  if (status === "pending_payment") return "payment";
  if (status === "confirmed") return "fulfilment";
  return refund?.status === "pending" ? "refund" : undefined;
};

/**
 * A stage's orders are indexed over a few buckets rather than under one key: every order passes through this
 * index, and one DynamoDB partition takes at most 1,000 writes a second.
 */
const BUCKETS = 8;

/** Stages have buckets of their own: orders without a payment, however many, never stand before paid ones. */
export const bucketsOf = (stage: Stage): number[] =>
  Array.from({ length: BUCKETS }, (_, bucket) => STAGES.indexOf(stage) * BUCKETS + bucket);

/** The bucket of an order, from the last (random) character of its ULID. */
export const bucketOf = (orderId: string, stage: Stage): number =>
  STAGES.indexOf(stage) * BUCKETS + (orderId.charCodeAt(orderId.length - 1) % BUCKETS);

/** Queries a bucket of the index of unfinished orders; its items have the keys and `updated_at`. */
export const unfinishedQuery = (shop: Shop, bucket: number) =>
  ({
    TableName: shop.tables.orders,
    IndexName: "unfinished",
    KeyConditionExpression: "pending_bucket = :bucket",
    ExpressionAttributeValues: { ":bucket": bucket } as Record<string, unknown>,
  }) satisfies QueryCommandInput;

/** Writes to an order that is still as it was read, and due at `due`. @returns false when it is not */
const updateIfDue = async (
  shop: Shop,
  { order_id, status }: OrderItem,
  due: number | undefined,
  UpdateExpression: string,
  values: Record<string, unknown>,
): Promise<boolean> => {
  try {
    await shop.db.repeat(
      new UpdateCommand({
        TableName: shop.tables.orders,
        Key: { order_id },
        UpdateExpression,
        ConditionExpression: "#status = :status AND settle_after = :due",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ...values, ":status": status, ":due": due },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

/**
 * Takes an unfinished order for one attempt to bring it on.
 *
 * @param until epoch milliseconds from which another may take it
 * @returns false when another worker has it or it has been brought on; also where the answer of this write got lost and it
 * was made again: then the order counts as another's until the lease is over
 */
export const takeOver = (shop: Shop, order: OrderItem, until: number): Promise<boolean> =>
  updateIfDue(shop, order, order.settle_after, "SET settle_after = :until ADD settle_attempts :one", {
    ":until": until,
    ":one": 1,
  });

/**
 * Undoes a {@link takeOver} that came to nothing through no fault of the order: it is due again, in its old place, and
 * the attempt does not count. Where another worker has brought it on, it stays as it is.
 *
 * @param until as it was taken
 */
export const handBack = async (shop: Shop, order: OrderItem, until: number): Promise<void> => {
  await updateIfDue(shop, order, until, "SET settle_after = :before, settle_attempts = :attempts", {
    ":before": order.settle_after,
    ":attempts": order.settle_attempts ?? 0,
  });
};
