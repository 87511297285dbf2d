import { DomainError } from "../errors.ts";
import type { Shop } from "../shop.ts";
import { closeDeadLetter } from "./dead-letters.ts";
import { type OrderItem, readOrder } from "./order.ts";

/**
 * Fulfils a confirmed order: its reserved pieces are sold, in one transaction with the order's status. The
 * order is fulfilled once, however often this is called.
 *
 * @returns whether this call fulfilled it
 * @throws UnfulfillableOrder when no retry can, as long as nobody mends the order or its stock
 */
export const fulfilOrder = async (shop: Shop, orderId: string): Promise<boolean> => {
  const order = await read(shop, orderId);
  if (order.status === "fulfilled") return false;
  if (order.status !== "confirmed") throw new UnfulfillableOrder(orderId, `its status is ${order.status}`);
  const now = shop.now();
  const refusals = await shop.stock.commit({
    userId: order.user_id,
    items: [
      {
        Update: {
          TableName: shop.tables.orders,
          Key: { order_id: orderId },
          UpdateExpression:
            "SET #status = :fulfilled, updated_at = :at REMOVE pending_bucket, settle_after, set_aside_at",
          ConditionExpression: "#status = :confirmed",
          ExpressionAttributeNames: { "#status": "status" },
          ExpressionAttributeValues: {
            ":fulfilled": "fulfilled",
            ":confirmed": "confirmed",
            ":at": new Date(now).toISOString(),
          },
        },
      },
      ...(order.set_aside_at === undefined ? [] : [closeDeadLetter(shop, orderId)]),
    ],
    movements: order.reservations.map((reservation) => ({ ...reservation, kind: "sell" })),
  });
  if (!refusals) {
    shop.metrics.add("OrdersFulfilled", 1);
    shop.metrics.observe("FulfilmentAge", now - Date.parse(order.updated_at));
    return true;
  }
  if (refusals[0]) return false;
  throw new UnfulfillableOrder(orderId, "its stock is not reserved");
};

/** An order that no retry can fulfil. */
export class UnfulfillableOrder extends Error {
  override readonly name = "UnfulfillableOrder";

  constructor(orderId: string, why: string) {
    super(`Order ${orderId} can't be fulfilled: ${why}`);
  }
}

const read = async (shop: Shop, orderId: string): Promise<OrderItem> => {
  try {
    return await readOrder(shop, orderId);
  } catch (error) {
    if (error instanceof DomainError && error.code === "ORDER_NOT_FOUND") {
      throw new UnfulfillableOrder(orderId, "it does not exist");
    }
    throw error;
  }
};
