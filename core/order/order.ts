import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { quantitySchema } from "../cart/cart.ts";
import { MAX_LINES } from "../cart/cart-item.ts";
import { userIdSchema } from "../cart/user-id.ts";
import { productIdSchema } from "../catalog/product.ts";
import { DomainError } from "../errors.ts";
import { type Cents, fromCents } from "../money.ts";
import type { Shop } from "../shop.ts";
import type { Reservation, StockLine } from "../stock/stock-line.ts";
import { batchGet } from "../storage/batch-get.ts";
import { decodeCursor, encodeCursor } from "../storage/cursor.ts";
import type { CheckoutAnswer } from "./checkout-outcome.ts";
import { type Dispute, disputeSchema, moneyBackOf, type Refund, refundSchema } from "./money-back.ts";

export const ORDER_STATUSES = [
  "pending_payment",
  "confirmed",
  "fulfilled",
  "payment_failed",
  "cancelled",
] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

export const EXAMPLE_ORDER_ID = "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC";

export const orderIdSchema = z
  .string()
  .regex(/^ORD-[0-7][0-9A-HJKMNP-TV-Z]{25}$/, "must be ORD- followed by a ULID")
  .meta({
    description: "Order id: ORD- and a ULID",
    example: EXAMPLE_ORDER_ID,
  });

const lineSchema = z
  .object({
    product_id: productIdSchema,
    quantity: quantitySchema,
    price: z.number().meta({ description: "Price of one piece", example: 19.99 }),
  })
  .meta({ id: "Line" });

/** A line at the price that the order fixed. */
export interface PricedLine extends StockLine {
  readonly price_cents: Cents;
}

/** Lines of an unpaid order that its cart had no room for. */
export const notRestoredSchema = z
  .array(z.object({ product_id: productIdSchema, quantity: quantitySchema }))
  .min(1)
  .max(MAX_LINES);

export const orderSchema = z
  .object({
    order_id: orderIdSchema,
    user_id: userIdSchema,
    items: z.array(lineSchema).min(1).max(MAX_LINES),
    total: z.number().meta({ example: 39.98 }),
    status: z.enum(ORDER_STATUSES),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    not_restored: notRestoredSchema.optional().meta({
      description:
        "Of an order without payment: the pieces that did not go back to the cart, which was full. " +
        "Left out when all did",
    }),
    refund: refundSchema.optional(),
    dispute: disputeSchema.optional(),
  })
  .meta({ id: "Order" });

export type Order = z.infer<typeof orderSchema>;

/** An order as it is stored. */
export interface OrderItem {
  readonly order_id: string;
  readonly user_id: string;
  readonly lines: readonly PricedLine[];
  /** The counters that hold the pieces of the lines until they are sold or released. */
  readonly reservations: readonly Reservation[];
  readonly total_cents: Cents;
  readonly status: OrderStatus;
  readonly payment_method: string;
  readonly created_at: string;
  readonly updated_at: string;
  /** Lines that the cart had no room for when the unpaid order gave them back. */
  readonly not_restored?: readonly StockLine[];
  /** Checkout's first answer, repeated to the same idempotency key. */
  readonly answer?: CheckoutAnswer;
  /** Whether its payment waits for the customer to confirm it. */
  readonly awaits_customer?: boolean;
  /** Keys of the sparse index `unfinished`: present until the order is fulfilled or ends with nothing to give back. */
  readonly pending_bucket?: number;
  /** Epoch milliseconds from which recovery may take the order over. */
  readonly settle_after?: number;
  /** Of recovery, in the order's present status. */
  readonly settle_attempts?: number;
  /** The span in which it was placed, if its trace is kept: fulfilment and recovery go on with it. */
  readonly traceparent?: string;
  /** When a paid order that can't be fulfilled was set aside: it has a dead letter of its id then. */
  readonly set_aside_at?: string;
  readonly refund?: Refund;
  readonly dispute?: Dispute;
}

export const orderFromItem = (item: OrderItem): Order => ({
  order_id: item.order_id,
  user_id: item.user_id,
  items: item.lines.map(({ product_id, quantity, price_cents }) => ({
    product_id,
    quantity,
    price: fromCents(price_cents),
  })),
  total: fromCents(item.total_cents),
  status: item.status,
  created_at: item.created_at,
  updated_at: item.updated_at,
  ...(item.not_restored && { not_restored: [...item.not_restored] }),
  ...moneyBackOf(item),
});

export const orderNotFound = (orderId: string) =>
  new DomainError("ORDER_NOT_FOUND", `There is no order ${orderId}`);

/** @throws DomainError `ORDER_NOT_FOUND`, also for what can't be an order id */
export const readOrder = async (shop: Shop, orderId: string): Promise<OrderItem> => {
  if (!orderIdSchema.safeParse(orderId).success) throw orderNotFound(orderId);
  const { Item } = await shop.db.send(
    new GetCommand({
      TableName: shop.tables.orders,
      Key: { order_id: orderId },
      ConsistentRead: true,
    }),
  );
  if (!Item) throw orderNotFound(orderId);
  return Item as OrderItem;
};

/** @throws DomainError `ORDER_NOT_FOUND` */
export const getOrder = async (shop: Shop, orderId: string): Promise<Order> =>
  orderFromItem(await readOrder(shop, orderId));

const orderKeySchema = z.strictObject({ order_id: orderIdSchema, user_id: userIdSchema });

/**
 * One page of a user's orders, newest first: order ids are ULIDs and so sort by time. The index has the keys
 * alone, as every order would be copied to it three times in its life otherwise.
 */
export const listOrders = async (
  shop: Shop,
  query: { user_id: string; limit: number; cursor?: string | undefined },
): Promise<{ orders: Order[]; next_cursor: string | null }> => {
  const start = query.cursor && decodeCursor(query.cursor, orderKeySchema);
  const page = await shop.db.send(
    new QueryCommand({
      TableName: shop.tables.orders,
      IndexName: "userOrders",
      KeyConditionExpression: "user_id = :user_id",
      ExpressionAttributeValues: { ":user_id": query.user_id },
      ScanIndexForward: false,
      Limit: query.limit,
      // The user is the query's, never the cursor's: a cursor must not open another user's orders.
      ...(start && { ExclusiveStartKey: { ...start, user_id: query.user_id } }),
    }),
  );
  const keys = (page.Items ?? []).map(({ order_id }) => ({ order_id: order_id as string }));
  const items = (await batchGet(shop.db, shop.tables.orders, keys, true)) as unknown as OrderItem[];
  const orders = new Map(items.map((item) => [item.order_id, orderFromItem(item)]));
  return {
    orders: keys.flatMap(({ order_id }) => orders.get(order_id) ?? []),
    next_cursor: encodeCursor(page.LastEvaluatedKey),
  };
};
