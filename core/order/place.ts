import { ulid } from "ulid";
import { cartUpdate, type PricedLine, priceLines, readCart, totalCents } from "../cart/cart.ts";
import { linesOf, takeCart } from "../cart/cart-item.ts";
import { getCurrentProducts } from "../catalog/catalog.ts";
import { DomainError } from "../errors.ts";
import type { Shop } from "../shop.ts";
import { reserveStock } from "../stock/stock.ts";
import { type Refusals, type TransactItem, transact } from "../storage/transact.ts";
import { claimKey, type IdempotencyClaim } from "./idempotency.ts";
import type { OrderItem } from "./order.ts";
import { pendingBucketOf } from "./pending.ts";

/** How often a cart that changes under the checkout is read again before giving up. */
const MAX_CART_READS = 5;

/** Added to a request's deadline: clocks differ, and the last write may still be on its way. */
const LEASE_MARGIN_MS = 5_000;

export interface PlaceRequest {
  readonly userId: string;
  readonly paymentMethod: string;
  readonly claim?: IdempotencyClaim | undefined;
}

/**
 * Places an order for what is in the cart: in one transaction the order is created, the stock of every
 * line reserved, the cart emptied and the idempotency key claimed.
 *
 * @returns the order, or undefined when another request claimed the idempotency key first
 * @throws DomainError `CART_EMPTY`, `OUT_OF_STOCK` (details name the products), `CART_CHANGED`
 */
export const placeOrder = async (shop: Shop, request: PlaceRequest): Promise<OrderItem | undefined> => {
  for (let reads = 0; reads < MAX_CART_READS; reads++) {
    const cart = await readCart(shop, request.userId);
    const lines = await priceLines(shop, linesOf(cart), getCurrentProducts);
    if (!cart || lines.length === 0) throw new DomainError("CART_EMPTY", "The cart is empty");

    const order = newOrder(shop, request, lines);
    const take: TransactItem = {
      Update: cartUpdate(shop, request.userId, takeCart(cart.version, shop.now())),
    };
    const claim = request.claim ? [claimKey(shop, request.claim, order.order_id)] : [];
    // The order of items is fixed, so that two transactions meet on the same item first.
    const refusals = await transact(shop.db, [
      createOrder(shop, order),
      take,
      ...lines.map((line) => reserveStock(shop, line)),
      ...claim,
    ]);
    if (!refusals) {
      shop.metrics.add("OrdersPlaced", 1);
      return order;
    }
    const [, cartRefusal, ...rest] = refusals;
    if (rest[lines.length]) return undefined;
    if (!cartRefusal) throw soldOut(shop, lines, rest);
  }
  throw new DomainError("CART_CHANGED", "The cart kept changing during checkout; try again", {
    retryAfterSeconds: 1,
  });
};

const newOrder = (shop: Shop, request: PlaceRequest, lines: readonly PricedLine[]): OrderItem => {
  const now = shop.now();
  const at = new Date(now).toISOString();
  const orderId = `ORD-${ulid(now)}`;
  return {
    order_id: orderId,
    user_id: request.userId,
    lines,
    total_cents: totalCents(lines),
    status: "pending_payment",
    payment_method: request.paymentMethod,
    created_at: at,
    updated_at: at,
    pending_bucket: pendingBucketOf(orderId),
    settle_after: now + shop.config.http.requestDeadline + LEASE_MARGIN_MS,
    settle_attempts: 0,
  };
};

const createOrder = (shop: Shop, order: OrderItem): TransactItem => ({
  Put: {
    TableName: shop.tables.orders,
    Item: order,
    ConditionExpression: "attribute_not_exists(order_id)",
  },
});

const soldOut = (shop: Shop, lines: readonly PricedLine[], refusals: Refusals): DomainError => {
  shop.metrics.add("OrdersSoldOut", 1);
  const short = lines.flatMap(({ product_id, quantity }, index) => {
    const refusal = refusals[index];
    // A reason carries the item as it stood, in DynamoDB's own notation; none when there is no stock record.
    return refusal
      ? { product_id, requested: quantity, available: Number(refusal.Item?.available?.N ?? 0) }
      : [];
  });
  const names = short.map(({ product_id }) => product_id).join(", ");
  return new DomainError("OUT_OF_STOCK", `Not enough in stock of product ${names}`, { details: short });
};
