import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { cartUpdate, readCart } from "../cart/cart.ts";
import { giveBack } from "../cart/cart-item.ts";
import { DomainError } from "../errors.ts";
import { fromCents } from "../money.ts";
import type { Approved } from "../payment/gateway.ts";
import type { Shop } from "../shop.ts";
import { releaseStock } from "../stock/counters.ts";
import { type TransactItem, transact } from "../storage/transact.ts";
import { approvedAnswer, type CheckoutAnswer, failedAnswer, pendingAnswer } from "./checkout-answer.ts";
import type { OrderItem } from "./order.ts";

/** How often a cart that appears or expires during a release is looked at again. */
const MAX_RELEASE_ATTEMPTS = 5;

/**
 * Each of these is one step out of `pending_payment`, conditional on the order still being there, so that
 * a checkout and a recovery that meet on the same order can't both take it.
 *
 * @returns how the order ended by this call, or undefined when another call settled it first
 */
export const confirmOrder = async (shop: Shop, order: OrderItem, result: Approved) => {
  const answer = approvedAnswer(order, result, isoNow(shop));
  const isOurs = await updatePending(shop, order, {
    UpdateExpression: `SET ${STATUS_AND_ANSWER} REMOVE pending_bucket, settle_after`,
    ExpressionAttributeValues: statusAndAnswer(answer),
  });
  if (!isOurs) return undefined;
  shop.metrics.add("OrdersConfirmed", 1);
  shop.metrics.add("Revenue", fromCents(order.total_cents));
  return answer;
};

/**
 * Ends an unpaid order, all or nothing: its stock is released, and its lines go back to the cart as far as
 * that has room. What it has no room for stays on the order as `not_restored`.
 */
export const failOrder = async (
  shop: Shop,
  order: OrderItem,
  status: "payment_failed" | "cancelled",
  declineCode: string,
): Promise<CheckoutAnswer | undefined> => {
  for (let attempt = 0; attempt < MAX_RELEASE_ATTEMPTS; attempt++) {
    const cart = await readCart(shop, order.user_id);
    const { change, left } = giveBack(cart, order.lines, shop.now());
    const answer = failedAnswer(status, { declineCode }, left, isoNow(shop));
    const refusals = await transact(shop.db, [
      endPending(shop, order, answer),
      { Update: cartUpdate(shop, order.user_id, change) },
      ...order.reservations.map((reservation) => releaseStock(shop, reservation)),
    ]);
    if (!refusals) {
      shop.soldOut.forget(order.lines.map(({ product_id }) => product_id));
      shop.metrics.add(status === "cancelled" ? "OrdersCancelled" : "OrdersDeclined", 1);
      return answer;
    }
    const [orderRefusal, cartRefusal] = refusals;
    if (orderRefusal) return undefined;
    if (!cartRefusal) throw new Error(`Order ${order.order_id} has lost its stock reservation`);
  }
  throw new DomainError("STORAGE_CONFLICT", "The cart kept changing while the order was released", {
    retryAfterSeconds: 1,
  });
};

/** Leaves the order to recovery, at once: the charge's outcome is unknown. */
export const leavePending = async (shop: Shop, order: OrderItem): Promise<CheckoutAnswer | undefined> => {
  shop.metrics.add("PaymentsUnsettled", 1);
  const answer = pendingAnswer(order, isoNow(shop));
  const isOurs = await updatePending(shop, order, {
    UpdateExpression: "SET answer = :answer, updated_at = :at, settle_after = :settle_after",
    ExpressionAttributeValues: {
      ":answer": answer,
      ":at": answer.at,
      ":settle_after": shop.now(),
    },
  });
  return isOurs ? answer : undefined;
};

/** Takes the order for one attempt at settling it; false when another worker has it or it is settled. */
export const takeForSettling = (shop: Shop, order: OrderItem, until: number): Promise<boolean> =>
  updatePending(shop, order, {
    UpdateExpression: "SET settle_after = :until ADD settle_attempts :one",
    ConditionExpression: `${IS_PENDING} AND settle_after = :seen`,
    ExpressionAttributeValues: {
      ":until": until,
      ":one": 1,
      ":seen": order.settle_after,
    },
  });

const IS_PENDING = "#status = :pending";
/** The first answer stays: a client that was told 202 is told 202 again under the same key. */
const STATUS_AND_ANSWER = "#status = :status, updated_at = :at, answer = if_not_exists(answer, :answer)";

const isoNow = (shop: Shop): string => new Date(shop.now()).toISOString();

const statusAndAnswer = (answer: CheckoutAnswer) => ({
  ":status": answer.status,
  ":at": answer.at,
  ":answer": answer,
});

interface PendingUpdate {
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues: Record<string, unknown>;
}

const pendingUpdate = (shop: Shop, order: OrderItem, change: PendingUpdate) => ({
  TableName: shop.tables.orders,
  Key: { order_id: order.order_id },
  ConditionExpression: IS_PENDING,
  ...change,
  ExpressionAttributeNames: { "#status": "status" },
  ExpressionAttributeValues: {
    ...change.ExpressionAttributeValues,
    ":pending": "pending_payment",
  },
});

const updatePending = async (shop: Shop, order: OrderItem, change: PendingUpdate): Promise<boolean> => {
  try {
    await shop.db.send(new UpdateCommand(pendingUpdate(shop, order, change)));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

const endPending = (shop: Shop, order: OrderItem, answer: ReturnType<typeof failedAnswer>): TransactItem => ({
  Update: pendingUpdate(shop, order, {
    UpdateExpression:
      `SET ${STATUS_AND_ANSWER}${answer.not_restored ? ", not_restored = :left" : ""}` +
      " REMOVE pending_bucket, settle_after",
    ExpressionAttributeValues: {
      ...statusAndAnswer(answer),
      ...(answer.not_restored && { ":left": answer.not_restored }),
    },
  }),
});
