import { ulid } from "ulid";
import { readCart, totalCents } from "../cart/cart.ts";
import { linesOf, MAX_LINE_QUANTITY, MAX_LINES, takeCart } from "../cart/cart-item.ts";
import { cartUpdate } from "../cart/change.ts";
import { notForSale, readProductItems } from "../catalog/catalog.ts";
import { productNotFound } from "../catalog/product.ts";
import { DomainError } from "../errors.ts";
import type { Shop } from "../shop.ts";
import type { LineToReserve } from "../stock/homes.ts";
import { UNSPLIT } from "../stock/layout.ts";
import { drawFromAll, refuseScattered, refuseSoldOut } from "../stock/reserve.ts";
import type { Reservation, StockLine } from "../stock/stock-line.ts";
import type { TransactItem } from "../storage/transact.ts";
import { outgoingTraceparent } from "../tracing/span.ts";
import { pendingAnswer } from "./checkout-answer.ts";
import { claimKey, type IdempotencyClaim } from "./idempotency.ts";
import type { OrderItem, PricedLine } from "./order.ts";
import { bucketOf } from "./unfinished.ts";

/** How often a cart that changes under the checkout is read again before giving up. */
const MAX_CART_READS = 5;

/** How often a plan for the stock is made anew because others were faster. */
const MAX_ROUNDS = 8;

/** Added to a request's deadline: clocks differ, and the last write may still be on its way. */
const LEASE_MARGIN_MS = 5_000;

export interface PlaceRequest {
  readonly userId: string;
  readonly paymentMethod: string;
  readonly claim?: IdempotencyClaim | undefined;
}

interface DeferrableRequest extends PlaceRequest {
  /** Whether it is answered without a charge, which recovery makes once the processor is back. */
  readonly isDeferred: boolean;
}

type LineToPlace = LineToReserve & PricedLine;

/**
 * Places an order for what is in the cart: in one transaction the order is created, the stock of every
 * line reserved, the cart emptied and the idempotency key claimed.
 *
 * @returns the order, or undefined when another request claimed the idempotency key first
 * @throws DomainError `CART_EMPTY`, `CART_LIMIT_EXCEEDED`, `OUT_OF_STOCK` and `NOT_FOR_SALE` (details name the
 * products), `CART_CHANGED`, `STORAGE_CONFLICT`, `PRODUCT_NOT_FOUND`, `PAYMENT_UNAVAILABLE`
 */
export const placeOrder = async (shop: Shop, request: PlaceRequest): Promise<OrderItem | undefined> => {
  for (let reads = 0; reads < MAX_CART_READS; reads++) {
    const cart = await readCart(shop, request.userId);
    const wanted = linesOf(cart);
    if (!cart || wanted.length === 0) throw new DomainError("CART_EMPTY", "The cart is empty");
    refuseOverLimits(wanted);
    refuseSoldOut(shop, wanted);
    const lines = await priceLines(shop, wanted);
    const isDeferred = refuseOrDefer(shop, lines);
    const outcome = await placeFor(shop, { ...request, isDeferred }, cart.version, lines).catch((error) => {
      if (isDeferred) shop.deferred.remove(totalCents(lines));
      throw error;
    });
    if (typeof outcome === "string" && isDeferred) shop.deferred.remove(totalCents(lines));
    if (outcome === "claimed") return undefined;
    if (outcome === "cart changed") continue;
    shop.lastCarts.forget(request.userId);
    shop.metrics.add("OrdersPlaced", 1);
    if (isDeferred) shop.metrics.add("PaymentsUnsettled", 1);
    return outcome;
  }
  throw new DomainError("CART_CHANGED", "The cart kept changing during checkout; try again", {
    retryAfterSeconds: 1,
  });
};

/** Earlier versions let a cart that got lines back grow beyond its limits. */
const refuseOverLimits = (lines: readonly StockLine[]): void => {
  if (lines.length <= MAX_LINES && lines.every(({ quantity }) => quantity <= MAX_LINE_QUANTITY)) return;
  throw new DomainError(
    "CART_LIMIT_EXCEEDED",
    `An order takes at most ${MAX_LINES} different products and ${MAX_LINE_QUANTITY} pieces of each; remove some from the cart`,
  );
};

/**
 * Whether the order is to be placed now and charged later, since the processor is away. Asked last, so that an order that
 * can't be placed anyway takes no place of those that may be deferred.
 *
 * @throws DomainError `PAYMENT_UNAVAILABLE`: nothing is reserved for an order that could not be paid
 */
const refuseOrDefer = (
  { resilience: { circuits }, config: { payment }, deferred, metrics }: Shop,
  lines: readonly PricedLine[],
): boolean => {
  if (circuits.payment.admits()) return false;
  const isAccepting = payment.outage === "accept";
  if (isAccepting && deferred.tryAdd(totalCents(lines))) return true;
  const reason = isAccepting ? ", and as many orders wait for it as may" : "";
  // The circuit counts the calls that reach it: this one is refused before.
  metrics.add("CircuitRejections", 1, "payment");
  throw new DomainError(
    "PAYMENT_UNAVAILABLE",
    `The payment service is not available${reason}; nothing was ordered`,
    { retryAfterSeconds: circuits.payment.retryAfterSeconds() },
  );
};

/** Lines at the prices of the database, which are what an order fixes. */
const priceLines = async (shop: Shop, lines: readonly StockLine[]): Promise<LineToPlace[]> => {
  const items = await readProductItems(
    shop,
    lines.map(({ product_id }) => product_id),
  );
  const priced = lines.flatMap((line) => {
    const item = items.get(line.product_id);
    if (!item) throw productNotFound(line.product_id);
    const { price_cents, stock_layout: layout = UNSPLIT } = item;
    return price_cents === undefined ? [] : [{ ...line, price_cents, layout }];
  });
  if (priced.length === lines.length) return priced;
  const sold = new Set(priced.map(({ product_id }) => product_id));
  throw notForSale(lines.flatMap(({ product_id }) => (sold.has(product_id) ? [] : [product_id])));
};

/** Tries all counters of what is wanted; each round that fails means that somebody else got those pieces. */
const placeFor = async (
  shop: Shop,
  request: DeferrableRequest,
  cartVersion: number,
  lines: readonly LineToPlace[],
): Promise<OrderItem | "claimed" | "cart changed"> => {
  let plan = shop.sharding.draw(lines);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    refuseScattered(plan);
    const order = newOrder(shop, request, lines, plan);
    const items = [
      createOrder(shop, order),
      { Update: cartUpdate(shop, request.userId, takeCart(cartVersion, shop.now())) },
      ...(request.claim ? [claimKey(shop, request.claim, order.order_id)] : []),
    ];
    const refusals = await shop.stock.commit({
      userId: request.userId,
      items,
      movements: plan.map((reservation) => ({ ...reservation, kind: "reserve" })),
    });
    const [orderRefusal, cartRefusal, claimRefusal] = refusals?.slice(0, items.length) ?? [];
    // An order that is there already under its new id was written by an attempt whose answer was lost. DynamoDB knows it by
    // its token for ten minutes, but an embedded one that was killed since, or an attempt under another token, does not.
    if (!refusals || orderRefusal) {
      shop.sharding.placed(lines, plan, round);
      return order;
    }
    if (claimRefusal) return "claimed";
    if (cartRefusal) return "cart changed";
    const short = refusals.slice(items.length);
    const refused = new Set(plan.filter((_, index) => short[index]).map(({ product_id }) => product_id));
    plan = [
      ...plan.filter(({ product_id }) => !refused.has(product_id)),
      ...(await drawFromAll(
        shop,
        lines.filter(({ product_id }) => refused.has(product_id)),
      )),
    ].toSorted((a, b) => a.product_id - b.product_id || a.shard - b.shard);
  }
  throw new DomainError("STORAGE_CONFLICT", "Too many buyers at once for the same items; try again", {
    retryAfterSeconds: 1,
  });
};

const newOrder = (
  shop: Shop,
  request: DeferrableRequest,
  lines: readonly LineToPlace[],
  reservations: readonly Reservation[],
): OrderItem => {
  const now = shop.now();
  const at = new Date(now).toISOString();
  const orderId = `ORD-${ulid(now)}`;
  const traceparent = outgoingTraceparent();
  const order: OrderItem = {
    order_id: orderId,
    user_id: request.userId,
    lines: lines.map(({ layout: _, ...line }) => line),
    reservations,
    total_cents: totalCents(lines),
    status: "pending_payment",
    payment_method: request.paymentMethod,
    created_at: at,
    updated_at: at,
    pending_bucket: bucketOf(orderId, "payment"),
    settle_after: now + shop.config.http.requestDeadline + LEASE_MARGIN_MS,
    settle_attempts: 0,
    ...(traceparent !== undefined && { traceparent }),
  };
  return request.isDeferred ? { ...order, settle_after: now, answer: pendingAnswer(order, at, 0) } : order;
};

const createOrder = (shop: Shop, order: OrderItem): TransactItem => ({
  Put: {
    TableName: shop.tables.orders,
    Item: order,
    ConditionExpression: "attribute_not_exists(order_id)",
  },
});
