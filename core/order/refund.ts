import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { PaymentGatewayError } from "../payment/gateway.ts";
import type { Shop } from "../shop.ts";
import { type TransactItem, transact } from "../storage/transact.ts";
import { paymentSignal } from "./charge.ts";
import { deadLetter } from "./dead-letters.ts";
import type { Refund } from "./money-back.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { bucketOf } from "./unfinished.ts";

/** Milliseconds beyond the payment timeout until recovery takes over the refund that has just been recorded. */
const MARGIN_MS = 1_000;

export const REFUND_RUNBOOK = "docs/runbooks/RefundsRefused.md";

export const endedUnpaid = ({ status }: OrderItem): boolean =>
  status === "cancelled" || status === "payment_failed";

/** The dead letter's id: it stands beside others that the order may have. */
export const refundLetterOf = (orderId: string): string => `refund-${orderId}`;

/**
 * Owes a customer the charge of an order that ended without payment, and gives it back. The debt is recorded with the
 * order first: whatever fails afterwards, recovery goes on. Does nothing to other orders.
 *
 * @param known where the processor has undone a refund, the status it had; otherwise one that is recorded stays
 */
export const refundUnpaid = async (shop: Shop, order: OrderItem, known?: "full"): Promise<void> => {
  if (!endedUnpaid(order)) return;
  const owing = await owe(shop, order, known);
  if (owing.refund?.status !== "pending") return;
  try {
    await refundOwed(shop, owing);
  } catch (error) {
    if (!(error instanceof PaymentGatewayError)) throw error;
    const { order_id } = order;
    shop.log.warn("a refund failed and is left to recovery", { order_id, reason: error.reason });
  }
};

/** @returns the order as it is afterwards */
const owe = async (
  shop: Shop,
  { order_id, total_cents }: OrderItem,
  known: "full" | undefined,
): Promise<OrderItem> => {
  const now = shop.now();
  const refund: Refund = { status: "pending", cents: total_cents, at: new Date(now).toISOString() };
  try {
    // Made twice, the second one is refused, and the order read as the first has left it.
    await shop.db.repeat(
      new UpdateCommand({
        TableName: shop.tables.orders,
        Key: { order_id },
        UpdateExpression:
          "SET refund = :refund, pending_bucket = :bucket, settle_after = :due, settle_attempts = :none",
        ConditionExpression: `#status IN (:cancelled, :failed) AND ${known ? "refund.#status = :known" : "attribute_not_exists(refund)"}`,
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: {
          ":refund": refund,
          ":bucket": bucketOf(order_id, "refund"),
          ":due": now + shop.config.payment.timeout + MARGIN_MS,
          ":none": 0,
          ":cancelled": "cancelled",
          ":failed": "payment_failed",
          ...(known && { ":known": known }),
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
  return readOrder(shop, order_id);
};

/**
 * Gives back what an order owes, once, however many do this at a time.
 *
 * @returns false where the processor never will, and a person has to
 * @throws PaymentGatewayError when another attempt may do better
 */
export const refundOwed = async (shop: Shop, order: OrderItem): Promise<boolean> => {
  const result = await shop.payment.refund(order.order_id, paymentSignal(shop));
  const { order_id, status } = order;
  const at = new Date(shop.now()).toISOString();
  switch (result.outcome) {
    case "uncharged":
      await endOwing(shop, order, undefined);
      return true;
    case "refunded":
      if (await endOwing(shop, order, { status: "full", cents: result.amountCents, at })) {
        shop.metrics.add("RefundsMade", 1);
        shop.log.warn("refunded an order that ended without payment", { order_id, status });
      }
      return true;
    case "refused": {
      const { reason } = result;
      const letter = deadLetter(
        shop,
        refundLetterOf(order_id),
        `Order ${order_id} is ${status} but was charged, and the payment service refuses a refund (${reason}): see ${REFUND_RUNBOOK}`,
      );
      const cents = order.refund?.cents ?? order.total_cents;
      if (await endOwing(shop, order, { status: "failed", cents, at }, letter)) {
        shop.metrics.add("RefundsRefused", 1);
        shop.log.error("a refund is refused for good", { order_id, status, reason, runbook: REFUND_RUNBOOK });
      }
      return false;
    }
  }
};

/** Takes the order out of the index. @returns false where another attempt has done so */
const endOwing = async (
  shop: Shop,
  { order_id }: OrderItem,
  refund: Refund | undefined,
  ...others: TransactItem[]
): Promise<boolean> => {
  const Update = {
    TableName: shop.tables.orders,
    Key: { order_id },
    UpdateExpression: refund
      ? "SET refund = :refund REMOVE pending_bucket, settle_after"
      : "REMOVE refund, pending_bucket, settle_after",
    ConditionExpression: "refund.#status = :pending",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: { ":pending": "pending", ...(refund && { ":refund": refund }) },
  };
  return (await transact(shop.db, [{ Update }, ...others])) === undefined;
};
