import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { PaymentGatewayError } from "../payment/gateway.ts";
import type { Shop } from "../shop.ts";
import { chargeOrder, paymentSignal } from "./charge.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { PENDING_BUCKETS } from "./pending.ts";
import { confirmOrder, failOrder, takeForSettling } from "./settle.ts";

const PAGE_SIZE = 100;
/** Orders of one bucket worked on at a time. */
const PARALLEL = 4;
/** Milliseconds after which a run begins nothing more: on AWS another comes each minute. */
const RUN_MS = 40_000;
const BACKOFF_BASE_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;

export interface RecoveryReport {
  readonly settled: number;
  readonly cancelled: number;
  readonly stillPending: number;
  readonly failed: number;
}

type Outcome = keyof RecoveryReport | "notOurs";

/**
 * Settles the orders whose payment nobody is working on any more: charges them again under the same key,
 * which makes no second charge, or cancels those past the settle limit. An order that fails is reported
 * and tried again with growing delays; it holds up no other.
 */
export const recoverPendingOrders = async (shop: Shop): Promise<RecoveryReport> => {
  const report = { settled: 0, cancelled: 0, stillPending: 0, failed: 0 };
  const endsAt = performance.now() + RUN_MS;
  const recoverBucket = async (bucket: number): Promise<void> => {
    for (let isWorthGoingOn = true; isWorthGoingOn; ) {
      const orderIds = await dueOrders(shop, bucket);
      let ended = 0;
      for (let start = 0; start < orderIds.length && performance.now() < endsAt; start += PARALLEL) {
        const batch = orderIds.slice(start, start + PARALLEL);
        for (const outcome of await Promise.all(batch.map((id) => recover(shop, id)))) {
          if (outcome === "notOurs") continue;
          report[outcome] += 1;
          if (outcome === "settled" || outcome === "cancelled") ended += 1;
        }
      }
      // A full page says that there may be more; one of which nothing came to an end, that it is not the time.
      isWorthGoingOn = orderIds.length === PAGE_SIZE && ended > 0 && performance.now() < endsAt;
    }
  };
  await Promise.all(Array.from({ length: PENDING_BUCKETS }, (_, bucket) => recoverBucket(bucket)));
  return report;
};

const dueOrders = async (shop: Shop, bucket: number): Promise<string[]> => {
  const { Items = [] } = await shop.db.send(
    new QueryCommand({
      TableName: shop.tables.orders,
      IndexName: "pending",
      KeyConditionExpression: "pending_bucket = :bucket AND settle_after <= :now",
      ExpressionAttributeValues: { ":bucket": bucket, ":now": shop.now() },
      Limit: PAGE_SIZE,
    }),
  );
  return (Items as OrderItem[]).map(({ order_id }) => order_id);
};

const recover = async (shop: Shop, orderId: string): Promise<Outcome> => {
  try {
    // The index lags behind the table, so the order itself decides.
    const order = await readOrder(shop, orderId);
    const now = shop.now();
    const isDue = order.status === "pending_payment" && (order.settle_after ?? 0) <= now;
    if (isDue) shop.metrics.observe("PendingPaymentAge", now - Date.parse(order.created_at));
    if (!isDue || !(await takeForSettling(shop, order, now + backoff(order.settle_attempts ?? 0)))) {
      return "notOurs";
    }
    const isOverdue = now - Date.parse(order.created_at) > shop.config.payment.settleLimit;
    return isOverdue ? await giveUp(shop, order) : await settle(shop, order);
  } catch (error) {
    if (error instanceof PaymentGatewayError) return "stillPending";
    shop.log.error("recovery of an order failed", {
      order_id: orderId,
      error: error as Error,
    });
    return "failed";
  }
};

/** Exponential, with full jitter above a floor of the payment timeout's order. */
const backoff = (attempts: number): number =>
  BACKOFF_BASE_MS + Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** attempts);

const settle = async (shop: Shop, order: OrderItem): Promise<Outcome> => {
  const result = await chargeOrder(shop, order);
  const answer =
    result.outcome === "approved"
      ? await confirmOrder(shop, order, result)
      : await failOrder(shop, order, "payment_failed", result.declineCode);
  return answer ? "settled" : "notOurs";
};

/**
 * Cancels at the gateway first: only a key that can never be charged any more lets the stock go. If the
 * charge turns out to have been made, the order is confirmed after all.
 */
const giveUp = async (shop: Shop, order: OrderItem): Promise<Outcome> => {
  const result = await shop.payment.cancel(order.order_id, paymentSignal(shop));
  if (result.outcome === "approved") {
    return (await confirmOrder(shop, order, result)) ? "settled" : "notOurs";
  }
  const code = result.outcome === "declined" ? result.declineCode : "payment_never_settled";
  return (await failOrder(shop, order, "cancelled", code)) ? "cancelled" : "notOurs";
};
