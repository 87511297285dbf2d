import { DomainError } from "../errors.ts";
import type { Cents } from "../money.ts";
import type { PaymentMessages } from "../payment/messages.ts";
import type { Shop } from "../shop.ts";
import { transact } from "../storage/transact.ts";
import { paymentSignal } from "./charge.ts";
import { closeDeadLetter } from "./dead-letters.ts";
import type { Refund } from "./money-back.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { endedUnpaid, REFUND_RUNBOOK, refundLetterOf, refundUnpaid } from "./refund.ts";

/** How often an order is looked at again whose refunds are recorded by several messages at a time. */
const MAX_ATTEMPTS = 5;

/**
 * Records with an order the refunds that the processor has made, the shop's own and those made by hand. The order's status
 * stays: people who refund a paid order decide about its goods as well.
 *
 * @throws PaymentGatewayError, DomainError `STORAGE_CONFLICT`: nothing was recorded
 */
export const recordRefunds = async (
  shop: Shop,
  messages: PaymentMessages,
  orderId: string,
): Promise<void> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    // The sum is asked for after the record that it replaces is read: of two messages, the later sum stays.
    const order = await readOrder(shop, orderId);
    const cents = await messages.refunded(orderId, paymentSignal(shop));
    if (cents < order.total_cents && endedUnpaid(order)) return oweTheRest(shop, order);
    if (cents === madeOf(order)) return;
    if (await record(shop, order, cents)) return report(shop, order, cents);
  }
  throw new DomainError("STORAGE_CONFLICT", "The refunds of the order kept changing", {
    retryAfterSeconds: 1,
  });
};

/** Of an order that ended without payment, all is owed. One that is pending is tried at once, one that a person is at stays theirs. */
const oweTheRest = (shop: Shop, order: OrderItem): Promise<void> =>
  refundUnpaid(shop, order, order.refund?.status === "full" ? "full" : undefined);

const madeOf = ({ refund }: OrderItem): Cents =>
  refund?.status === "partial" || refund?.status === "full" ? refund.cents : 0;

const refundOf = (order: OrderItem, cents: Cents): Omit<Refund, "at"> => {
  // The processor took back what it said it had given.
  if (cents === 0) return { status: "failed", cents: madeOf(order) };
  return { status: cents >= order.total_cents ? "full" : "partial", cents };
};

/** @returns false where the record has changed meanwhile */
const record = async (shop: Shop, order: OrderItem, cents: Cents): Promise<boolean> => {
  const { order_id, refund: seen } = order;
  const Update = {
    TableName: shop.tables.orders,
    Key: { order_id },
    UpdateExpression: `SET refund = :refund${seen?.status === "pending" ? " REMOVE pending_bucket, settle_after" : ""}`,
    ConditionExpression: seen ? "refund = :seen" : "attribute_not_exists(refund)",
    ExpressionAttributeValues: {
      ":refund": { ...refundOf(order, cents), at: new Date(shop.now()).toISOString() } satisfies Refund,
      ...(seen && { ":seen": seen }),
    },
  };
  const letter = seen?.status === "failed" ? [closeDeadLetter(shop, refundLetterOf(order_id))] : [];
  return (await transact(shop.db, [{ Update }, ...letter])) === undefined;
};

const report = (shop: Shop, order: OrderItem, cents: Cents): void => {
  const facts = { order_id: order.order_id, status: order.status, refunded_cents: cents };
  if (cents > madeOf(order)) {
    shop.metrics.add("RefundsMade", 1);
    shop.log.info("a refund was recorded", facts);
  } else {
    shop.metrics.add("RefundsRefused", 1);
    shop.log.error("the payment service has undone a refund", { ...facts, runbook: REFUND_RUNBOOK });
  }
};
