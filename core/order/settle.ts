import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { readCart } from "../cart/cart.ts";
import { giveBack } from "../cart/cart-item.ts";
import { cartUpdate } from "../cart/change.ts";
import { DomainError } from "../errors.ts";
import { fromCents } from "../money.ts";
import type { Approved } from "../payment/gateway.ts";
import type { Shop } from "../shop.ts";
import type { Reservation } from "../stock/stock-line.ts";
import type { TransactItem } from "../storage/transact.ts";
import { approvedAnswer, failedAnswer, pendingAnswer } from "./checkout-answer.ts";
import type { CheckoutAnswer } from "./checkout-outcome.ts";
import { countDeadLetter, deadLetter } from "./dead-letters.ts";
import type { OrderItem } from "./order.ts";
import { bucketOf } from "./unfinished.ts";

/** How often a cart that appears or expires during a release is looked at again. */
const MAX_RELEASE_ATTEMPTS = 5;

/**
 * Each of these is one step out of `pending_payment`, conditional on the order still being there, so that
 * a checkout and a recovery that meet on the same order can't both take it.
 *
 * A confirmed order stays in the index of unfinished orders: the stream fulfils it, and recovery does where the
 * stream has not within `fulfilment.grace`.
 *
 * @returns how the order ended by this call, or undefined when another call settled it first
 */
export const confirmOrder = async (shop: Shop, order: OrderItem, result: Approved) => {
  const answer = approvedAnswer(order, result, isoNow(shop));
  const isOurs = await updatePending(shop, order, {
    UpdateExpression: `SET ${statusAndAnswerUpdate(order)}, pending_bucket = :bucket, settle_after = :due, settle_attempts = :none`,
    ExpressionAttributeValues: {
      ...statusAndAnswer(answer),
      ":bucket": bucketOf(order.order_id, "fulfilment"),
      ":due": shop.now() + shop.config.fulfilment.grace,
      ":none": 0,
    },
  });
  if (!isOurs) return undefined;
  shop.metrics.add("OrdersConfirmed", 1);
  shop.metrics.add("Revenue", fromCents(order.total_cents));
  return answer;
};

/**
 * Ends an unpaid order, all or nothing: its stock is released, and its lines go back to the cart as far as
 * that has room. Lines it has no room for stay on the order as `not_restored`. A counter that does not hold
 * what the order reserved is left alone and reported as a dead letter: that is for a person, and no reason to
 * keep the order open.
 */
export const failOrder = async (
  shop: Shop,
  order: OrderItem,
  status: "payment_failed" | "cancelled",
  declineCode: string,
): Promise<CheckoutAnswer | undefined> => {
  let lost: readonly Reservation[] = [];
  for (let attempt = 0; attempt < MAX_RELEASE_ATTEMPTS; attempt++) {
    const cart = await readCart(shop, order.user_id);
    const { change, left } = giveBack(cart, order.lines, shop.now());
    const answer = failedAnswer(status, { declineCode }, left, isoNow(shop));
    const held = order.reservations.filter((reservation) => !lost.includes(reservation));
    const complaint = `Order ${order.order_id} is ${status}, but not reserved were ${JSON.stringify(lost)}`;
    const items = [
      endPending(shop, order, answer),
      { Update: cartUpdate(shop, order.user_id, change) },
      ...(lost.length > 0 ? [deadLetter(shop, order.order_id, complaint)] : []),
    ];
    const refusals = await shop.stock.commit({
      userId: order.user_id,
      items,
      movements: held.map((reservation) => ({ ...reservation, kind: "release" })),
    });
    if (!refusals) {
      shop.lastCarts.forget(order.user_id);
      shop.soldOut.forget(order.lines.map(({ product_id }) => product_id));
      shop.metrics.add(status === "cancelled" ? "OrdersCancelled" : "OrdersDeclined", 1);
      if (lost.length > 0) countDeadLetter(shop, order.order_id, complaint);
      return answer;
    }
    if (refusals[0]) return undefined;
    const stockRefusals = refusals.slice(items.length);
    lost = [...lost, ...held.filter((_, index) => stockRefusals[index])];
  }
  throw new DomainError("STORAGE_CONFLICT", "The cart kept changing while the order was released", {
    retryAfterSeconds: 1,
  });
};

/** Milliseconds until recovery asks about a payment that waits for its customer; the processor's message comes before. */
const CUSTOMER_TIME_MS = 30_000;

/** Leaves the order to recovery: at once where the charge's outcome is unknown. */
export const leavePending = async (
  shop: Shop,
  order: OrderItem,
  { awaitsCustomer = false } = {},
): Promise<CheckoutAnswer | undefined> => {
  if (!awaitsCustomer) shop.metrics.add("PaymentsUnsettled", 1);
  const answer = pendingAnswer(order, isoNow(shop));
  const isOurs = await updatePending(shop, order, {
    // Never unset: where this attempt's answer was lost, another may have learnt that the customer is needed.
    UpdateExpression: `SET answer = :answer, updated_at = :at, settle_after = :settle_after${awaitsCustomer ? ", awaits_customer = :yes" : ""}`,
    ExpressionAttributeValues: {
      ":answer": answer,
      ":at": answer.at,
      ":settle_after": shop.now() + (awaitsCustomer ? CUSTOMER_TIME_MS : 0),
      ...(awaitsCustomer && { ":yes": true }),
    },
  });
  return isOurs ? answer : undefined;
};

/**
 * Notes, outside a checkout, that the payment waits for its customer: repeating the checkout then gives the client secret. The
 * checkout may have had no answer yet, or an earlier one.
 */
export const awaitCustomer = async (shop: Shop, order: OrderItem): Promise<void> => {
  if (order.awaits_customer && order.answer) return;
  await updatePending(shop, order, {
    UpdateExpression: "SET awaits_customer = :yes, answer = if_not_exists(answer, :answer)",
    ExpressionAttributeValues: { ":yes": true, ":answer": pendingAnswer(order, isoNow(shop)) },
  });
};

/**
 * The first answer stays: a client that got 202 gets 202 again under the same key. Not so where it asked the customer for
 * something: repeating the checkout afterwards gives the outcome.
 */
const statusAndAnswerUpdate = ({ awaits_customer }: OrderItem): string =>
  `#status = :status, updated_at = :at, answer = ${awaits_customer ? ":answer" : "if_not_exists(answer, :answer)"}`;

const isoNow = (shop: Shop): string => new Date(shop.now()).toISOString();

const statusAndAnswer = (answer: CheckoutAnswer) => ({
  ":status": answer.status,
  ":at": answer.at,
  ":answer": answer,
});

interface PendingUpdate {
  readonly UpdateExpression: string;
  readonly ExpressionAttributeValues: Record<string, unknown>;
}

const pendingUpdate = (shop: Shop, order: OrderItem, change: PendingUpdate) => ({
  TableName: shop.tables.orders,
  Key: { order_id: order.order_id },
  ...change,
  ConditionExpression: "#status = :pending",
  ExpressionAttributeNames: { "#status": "status" },
  ExpressionAttributeValues: {
    ...change.ExpressionAttributeValues,
    ":pending": "pending_payment",
  },
});

const updatePending = async (shop: Shop, order: OrderItem, change: PendingUpdate): Promise<boolean> => {
  try {
    // Made twice, the second one is refused and looks like another worker's: its answer is read from the order then.
    await shop.db.repeat(new UpdateCommand(pendingUpdate(shop, order, change)));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

const endPending = (shop: Shop, order: OrderItem, answer: ReturnType<typeof failedAnswer>): TransactItem => ({
  Update: pendingUpdate(shop, order, {
    UpdateExpression:
      `SET ${statusAndAnswerUpdate(order)}${answer.not_restored ? ", not_restored = :left" : ""}` +
      " REMOVE pending_bucket, settle_after",
    ExpressionAttributeValues: {
      ...statusAndAnswer(answer),
      ...(answer.not_restored && { ":left": answer.not_restored }),
    },
  }),
});
