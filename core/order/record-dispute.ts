import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { DisputeReport } from "../payment/messages.ts";
import type { Shop } from "../shop.ts";
import type { Dispute } from "./money-back.ts";

/**
 * Records with an order that its customer disputes the payment. A dispute that has ended never opens again, whichever of its
 * messages comes last; another one takes its place.
 */
export const recordDispute = async (shop: Shop, orderId: string, report: DisputeReport): Promise<void> => {
  const { amountCents: cents, ...rest } = report;
  const dispute: Dispute = { ...rest, cents, at: new Date(shop.now()).toISOString() };
  try {
    await shop.db.repeat(
      new UpdateCommand({
        TableName: shop.tables.orders,
        Key: { order_id: orderId },
        UpdateExpression: "SET dispute = :dispute",
        ConditionExpression:
          "attribute_not_exists(dispute) OR dispute.id <> :id OR (dispute.#status = :open AND :status <> :open)",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: {
          ":dispute": dispute,
          ":id": report.id,
          ":status": report.status,
          ":open": "open",
        },
      }),
    );
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return;
    throw error;
  }
  shop.metrics.add("Disputes", 1, report.status);
  shop.log.warn("a customer disputes a payment", {
    order_id: orderId,
    dispute_id: report.id,
    status: report.status,
    amount_cents: cents,
    reason: report.reason,
  });
};
