import { DomainError, isDomainError } from "../errors.ts";
import { type ActionRequired, PaymentGatewayError } from "../payment/gateway.ts";
import type { Shop } from "../shop.ts";
import { chargeOrder } from "./charge.ts";
import { type Checkout, pendingAnswer } from "./checkout-answer.ts";
import type { CheckoutAnswer } from "./checkout-outcome.ts";
import { claimOf, findClaimedOrder, type IdempotencyClaim } from "./idempotency.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { type PlaceRequest, placeOrder } from "./place.ts";
import { leavePending } from "./settle.ts";
import { settleCharge } from "./settle-charge.ts";
import { takeOver } from "./unfinished.ts";

export interface CheckoutRequest {
  readonly userId: string;
  readonly paymentMethod: string;
  readonly idempotencyKey?: string | undefined;
}

/**
 * Turns the user's cart into an order: reserve, then charge, then confirm. A failure midway leaves the order
 * `pending_payment` for recovery; no charge is ever lost.
 *
 * With an idempotency key, asking again with the same payload gives the first answer again.
 *
 * @throws DomainError those of {@link placeOrder}, `IDEMPOTENCY_MISMATCH`, `IDEMPOTENCY_IN_FLIGHT`
 */
export const checkout = async (shop: Shop, request: CheckoutRequest): Promise<Checkout> => {
  const { userId, paymentMethod, idempotencyKey } = request;
  const claim = idempotencyKey === undefined ? undefined : claimOf(userId, idempotencyKey, { paymentMethod });

  const placed = await placeOrRefuse(shop, { userId, paymentMethod, claim });
  if (placed.order?.answer) return { order: placed.order, answer: placed.order.answer, replayed: false };
  if (placed.order) return { order: placed.order, ...(await pay(shop, placed.order)), replayed: false };
  // The order's own transaction claims the key, so only now is it looked up: the key may have led to an order
  // before, to which what the cart or the stock is like by now is no answer.
  const earlier = claim && (await resume(shop, claim));
  if (earlier) return earlier;
  throw placed.refusal ?? inFlight();
};

/**
 * The new order; or why there is none: a refusal, or that the idempotency key has an order already.
 *
 * @throws what says nothing about the order, such as that storage does not answer
 */
const placeOrRefuse = async (
  shop: Shop,
  request: PlaceRequest,
): Promise<{ order?: OrderItem | undefined; refusal?: DomainError }> => {
  try {
    return { order: await placeOrder(shop, request) };
  } catch (error) {
    if (!isDomainError(error) || isDomainError(error, "STORAGE_UNAVAILABLE", "DEADLINE_EXCEEDED"))
      throw error;
    return { refusal: error };
  }
};

/** The outcome an idempotency key already has; interrupted work is resumed and finished. */
const resume = async (shop: Shop, claim: IdempotencyClaim): Promise<Checkout | undefined> => {
  const orderId = await findClaimedOrder(shop, claim);
  if (!orderId) return undefined;
  const order = await readOrder(shop, orderId);
  if (order.answer) return { order, ...(await latestOf(shop, order, order.answer)), replayed: true };
  const lease = shop.config.http.requestDeadline;
  const isAbandoned = (order.settle_after ?? 0) <= shop.now();
  if (isAbandoned && (await takeOver(shop, order, shop.now() + lease))) {
    return { order, ...(await pay(shop, order)), replayed: true };
  }
  throw inFlight();
};

const inFlight = () =>
  new DomainError("IDEMPOTENCY_IN_FLIGHT", "A checkout with this Idempotency-Key is still going on", {
    retryAfterSeconds: 1,
  });

type Paid = Pick<Checkout, "answer" | "action">;

/** Charges the order and takes it out of `pending_payment` as the gateway decides. */
export const pay = async (shop: Shop, order: OrderItem): Promise<Paid> => {
  try {
    return (await settleByCharge(shop, order)) ?? { answer: await answerOf(shop, order) };
  } catch (error) {
    if (!isDomainError(error, "STORAGE_UNAVAILABLE", "STORAGE_CONFLICT")) throw error;
    // The order is placed and perhaps paid: a client that got an error would order again. Recovery settles
    // it.
    shop.log.warn("payment outcome not written", { order_id: order.order_id, reason: error.message });
    return { answer: pendingAnswer(order, new Date(shop.now()).toISOString()) };
  }
};

const settleByCharge = async (shop: Shop, order: OrderItem): Promise<Paid | undefined> => {
  const settled = (answer: CheckoutAnswer | undefined, action?: ActionRequired): Paid | undefined =>
    answer && { answer, action };
  try {
    // Where orders may be paid later, a customer does not wait for a processor that has become silent.
    const patience = shop.config.payment.outage === "accept" ? shop.payment.patience() : undefined;
    const result = await chargeOrder(shop, order, patience);
    if (result.outcome === "action_required")
      return settled(await leavePending(shop, order, { awaitsCustomer: true }), result);
    return settled(await settleCharge(shop, order, result));
  } catch (error) {
    if (!(error instanceof PaymentGatewayError)) throw error;
    shop.log.warn("payment outcome unknown", { order_id: order.order_id, reason: error.reason });
    return settled(await leavePending(shop, order));
  }
};

/**
 * The answer of an order whose payment may wait for its customer: what they still have to do, which is asked for anew, for
 * nobody keeps the secret in it; or the outcome, as soon as they have done it.
 */
const latestOf = async (shop: Shop, order: OrderItem, answer: CheckoutAnswer): Promise<Paid> => {
  if (order.status !== "pending_payment" || !order.awaits_customer) return { answer };
  try {
    const result = await chargeOrder(shop, order);
    if (result.outcome === "action_required") return { answer, action: result };
    return { answer: (await settleCharge(shop, order, result)) ?? (await answerOf(shop, order)) };
  } catch (error) {
    const isLeftToRecovery =
      error instanceof PaymentGatewayError || isDomainError(error, "STORAGE_UNAVAILABLE", "STORAGE_CONFLICT");
    if (isLeftToRecovery) return { answer };
    throw error;
  }
};

/** The answer another worker gave while this one was charging. */
const answerOf = async (shop: Shop, order: OrderItem): Promise<CheckoutAnswer> => {
  const { answer } = await readOrder(shop, order.order_id);
  if (answer) return answer;
  throw inFlight();
};
