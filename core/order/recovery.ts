import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { isDomainError } from "../errors.ts";
import { PaymentGatewayError } from "../payment/gateway.ts";
import { isPaymentFailure } from "../payment/guarded-gateway.ts";
import type { Shop } from "../shop.ts";
import { chargeOrder, paymentSignal } from "./charge.ts";
import { setOrderAside } from "./dead-letters.ts";
import { fulfilOrder, UnfulfillableOrder } from "./fulfilment.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { inOrderTrace } from "./order-trace.ts";
import { refundOwed } from "./refund.ts";
import { awaitCustomer, failOrder } from "./settle.ts";
import { settleCharge } from "./settle-charge.ts";
import { isDeferred, isOverdue } from "./settle-limit.ts";
import { openSettlePace, type SettlePace } from "./settle-pace.ts";
import { bucketsOf, handBack, STAGES, type Stage, stageOf, takeOver, unfinishedQuery } from "./unfinished.ts";
import { untilProbed } from "./until-probed.ts";

const PAGE_SIZE = 100;
/** Orders of one bucket worked on at a time; all buckets are worked on at once. */
const PARALLEL = 2;
const BACKOFF_BASE_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;

/** Orders by what became of them. */
type Outcome =
  | "settled"
  | "cancelled"
  | "stillPending"
  | "fulfilled"
  | "refunded"
  | "setAside"
  | "failed"
  /** Another worker has it, or it is not due. */
  | "notOurs";

export interface RecoveryReport extends Readonly<Record<Exclude<Outcome, "notOurs">, number>> {
  /** Buckets whose orders could not be read to the end; the others were. */
  readonly unreadBuckets: number;
}

const isAtAnEnd = (outcome: Outcome): boolean =>
  outcome === "settled" || outcome === "cancelled" || outcome === "fulfilled" || outcome === "refunded";

/**
 * Brings on the orders that nobody is working on any more. One without a payment is charged again under the
 * same key, which makes no second charge, or cancelled past the settle limit; one that the stream has not
 * fulfilled is fulfilled; what is owed back for one that ended without payment is refunded. An order that fails is reported
 * and tried again with growing delays; neither it nor a bucket that can't be read holds up another.
 *
 * @param runMs milliseconds after which nothing more is begun
 * @param stages to advance; all of them by default
 */
export const recoverOrders = async (
  shop: Shop,
  runMs = Number.POSITIVE_INFINITY,
  stages: readonly Stage[] = STAGES,
): Promise<RecoveryReport> => {
  const counts = {
    settled: 0,
    cancelled: 0,
    stillPending: 0,
    fulfilled: 0,
    refunded: 0,
    setAside: 0,
    failed: 0,
  };
  const endsAt = performance.now() + runMs;
  const isTimeLeft = (): boolean => performance.now() < endsAt;
  const pace = openSettlePace();
  const isWorthTrying = (stage: Stage): boolean =>
    isTimeLeft() && (stage === "fulfilment" || !isProcessorAway(shop));

  const probed = untilProbed(shop, runMs);

  const recoverBucket = async (stage: Stage, bucket: number): Promise<void> => {
    if (stage !== "fulfilment") await probed;
    for (let isWorthGoingOn = isWorthTrying(stage); isWorthGoingOn; ) {
      const orderIds = await dueOrders(shop, bucket);
      let ended = 0;
      for (let start = 0; start < orderIds.length && isWorthTrying(stage); start += PARALLEL) {
        const batch = orderIds.slice(start, start + PARALLEL);
        for (const outcome of await Promise.all(batch.map((id) => recover(shop, id, stage, pace)))) {
          if (outcome !== "notOurs") counts[outcome] += 1;
          if (isAtAnEnd(outcome)) ended += 1;
        }
      }
      // A full page says that there may be more; one of which nothing came to an end, that it is not the time.
      isWorthGoingOn = orderIds.length === PAGE_SIZE && ended > 0 && isWorthTrying(stage);
    }
  };

  const runs = stages.flatMap((stage) => bucketsOf(stage).map((bucket) => recoverBucket(stage, bucket)));
  // All come to an end before this does: on Lambda, what goes on afterwards is frozen in the middle of a charge.
  const failures = (await Promise.allSettled(runs)).flatMap((run) =>
    run.status === "rejected" ? [run.reason as Error] : [],
  );
  const [error] = failures;
  if (error) shop.log.error("orders could not be read for recovery", { buckets: failures.length, error });
  return { ...counts, unreadBuckets: failures.length };
};

/** Nothing is asked of it meanwhile, and no order's delay grows. */
const isProcessorAway = (shop: Shop): boolean => shop.resilience.circuits.payment.state() === "open";

const dueOrders = async (shop: Shop, bucket: number): Promise<string[]> => {
  const query = unfinishedQuery(shop, bucket);
  const { Items = [] } = await shop.db.send(
    new QueryCommand({
      ...query,
      KeyConditionExpression: `${query.KeyConditionExpression} AND settle_after <= :now`,
      ExpressionAttributeValues: { ...query.ExpressionAttributeValues, ":now": shop.now() },
      Limit: PAGE_SIZE,
    }),
  );
  return Items.map(({ order_id }) => order_id as string);
};

/** Never rejects. */
const recover = async (shop: Shop, orderId: string, stage: Stage, pace: SettlePace): Promise<Outcome> => {
  try {
    // The index lags behind the table, so the order itself decides.
    const order = await readOrder(shop, orderId);
    const now = shop.now();
    if (stageOf(order) !== stage || (order.settle_after ?? 0) > now) return "notOurs";
    observeAge(shop, order, stage);
    return await inOrderTrace(shop, "recover order", order, () => advance(shop, order, stage, pace));
  } catch (error) {
    if (isDomainError(error, "ORDER_NOT_FOUND")) return "notOurs";
    if (error instanceof PaymentGatewayError) return "stillPending";
    shop.log.error("recovery of an order failed", {
      order_id: orderId,
      error: error as Error,
    });
    return "failed";
  }
};

/** Takes over an order that is due, and does the step that it is at. */
const advance = async (shop: Shop, order: OrderItem, stage: Stage, pace: SettlePace): Promise<Outcome> => {
  const nextAt = (): number => shop.now() + backoff(order.settle_attempts ?? 0);
  if (stage === "fulfilment") {
    return (await takeOver(shop, order, nextAt())) ? fulfil(shop, order.order_id) : "notOurs";
  }
  return pace.run(async () => {
    // The circuit may have opened while the order waited for its turn.
    if (isProcessorAway(shop)) return "notOurs";
    const until = nextAt();
    if (!(await takeOver(shop, order, until))) return "notOurs";
    if (stage === "refund") return (await refundOwed(shop, order)) ? "refunded" : "setAside";
    if (isOverdue(shop, order)) return giveUp(shop, order);
    return settle(shop, order).catch(async (error: unknown) => {
      // Processes learn of an outage one by one, and a function on AWS anew after each start: had their attempts made the
      // delay grow, the order would not be due when the processor is back.
      if (isDeferred(order) && isPaymentFailure(error)) await handBack(shop, order, until);
      throw error;
    });
  });
};

const observeAge = (shop: Shop, order: OrderItem, stage: Stage): void => {
  const { created_at, updated_at, refund } = order;
  const ageOf = (since: string): number => shop.now() - Date.parse(since);
  if (stage === "payment") {
    // A deferred order waits for the processor, as it should; past its limit it is stuck like any other.
    if (!isDeferred(order) || isOverdue(shop, order)) {
      shop.metrics.observe("PendingPaymentAge", ageOf(created_at));
    }
  } else if (stage === "fulfilment") shop.metrics.observe("UnfulfilledAge", ageOf(updated_at));
  else if (refund) shop.metrics.observe("RefundAge", ageOf(refund.at));
};

/** Exponential, with full jitter above a floor of the payment timeout's order. */
const backoff = (attempts: number): number =>
  BACKOFF_BASE_MS + Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** attempts);

const fulfil = async (shop: Shop, orderId: string): Promise<Outcome> => {
  try {
    return (await fulfilOrder(shop, orderId)) ? "fulfilled" : "notOurs";
  } catch (error) {
    if (!(error instanceof UnfulfillableOrder)) throw error;
    await setOrderAside(shop, orderId, error.message);
    return "setAside";
  }
};

const settle = async (shop: Shop, order: OrderItem): Promise<Outcome> => {
  const result = await chargeOrder(shop, order);
  if (result.outcome === "action_required") {
    await awaitCustomer(shop, order);
    return "stillPending";
  }
  return (await settleCharge(shop, order, result)) ? "settled" : "notOurs";
};

/**
 * Cancels at the gateway first: only a key that can never be charged any more lets the stock go. If the
 * charge turns out to have been made, the order is confirmed after all.
 */
const giveUp = async (shop: Shop, order: OrderItem): Promise<Outcome> => {
  const result = await shop.payment.cancel(order.order_id, paymentSignal(shop));
  if (result.outcome === "approved") {
    return (await settleCharge(shop, order, result)) ? "settled" : "notOurs";
  }
  const code = result.outcome === "declined" ? result.declineCode : "payment_never_settled";
  return (await failOrder(shop, order, "cancelled", code)) ? "cancelled" : "notOurs";
};
