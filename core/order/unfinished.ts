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

/**
 * Takes an unfinished order for one attempt to bring it on.
 *
 * @param until epoch milliseconds from which another may take it
 * @returns false when another worker has it or it has been brought on
 */
export const takeOver = async (shop: Shop, order: OrderItem, until: number): Promise<boolean> => {
  try {
    // Made twice, the second one is refused: the order counts as another's until the lease is over.
    await shop.db.repeat(
      new UpdateCommand({
        TableName: shop.tables.orders,
        Key: { order_id: order.order_id },
        UpdateExpression: "SET settle_after = :until ADD settle_attempts :one",
        ConditionExpression: "#status = :status AND settle_after = :seen",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: {
          ":until": until,
          ":one": 1,
          ":status": order.status,
          ":seen": order.settle_after,
        },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

/**
 * Undoes a {@link takeOver} that came to nothing through no fault of the order: it is due again, in its old place, and
 * the attempt does not count.
 *
 * @param until as it was taken
 */
export const handBack = async (shop: Shop, order: OrderItem, until: number): Promise<void> => {
  try {
    await shop.db.repeat(
      new UpdateCommand({
        TableName: shop.tables.orders,
        Key: { order_id: order.order_id },
        UpdateExpression: "SET settle_after = :before, settle_attempts = :attempts",
        ConditionExpression: "#status = :status AND settle_after = :until",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: {
          ":before": order.settle_after,
          ":attempts": order.settle_attempts ?? 0,
          ":status": order.status,
          ":until": until,
        },
      }),
    );
  } catch (error) {
    // Another worker has brought it on, or an earlier attempt of this write was made.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};
