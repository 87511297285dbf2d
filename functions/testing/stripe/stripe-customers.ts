import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { checkout } from "../../../core/order/checkout.ts";
import { getOrder } from "../../../core/order/order.ts";
import type { Shop } from "../../../core/shop.ts";
import { stockedProduct, userWithCart } from "../../../core/testing/fixtures.ts";
import type { Intent } from "./stripe-intent.ts";
import type { StripeEvent } from "./stripe-messages.ts";
import type { StripeStandIn, Trouble } from "./stripe-stand-in.ts";

/** Customers of a shop, and what Stripe has of their orders. */
export const openCustomers = (stripe: StripeStandIn, shop: Shop) => {
  const intentOf = (orderId: string): Intent => {
    const [intent] = stripe.intentsOf(orderId);
    if (!intent) throw new Error(`Stripe has no intent of ${orderId}`);
    return intent;
  };
  /** A user with two pieces of a product at 19.99 in the cart, of which there are five. */
  const shopper = async () => {
    const product = await stockedProduct(shop, 5);
    return { product, userId: await userWithCart(shop, [product, 2]) };
  };
  /** @param on troubles of Stripe in the course of it */
  const checkOut = async (paymentMethod: string, on: readonly Trouble[] = []) => {
    const { product, userId } = await shopper();
    stripe.troubles.push(...on);
    const request = { userId, paymentMethod, idempotencyKey: "once" };
    const placed = await checkout(shop, request);
    return { placed, request, product, userId, orderId: placed.order.order_id };
  };
  /** An order whose customer has passed, or failed, the bank's challenge, which the shop does not know yet. */
  const buyAndAuthenticate = async (isPassed = true): Promise<string> => {
    const { orderId } = await checkOut("pm_card_authenticationRequired");
    stripe.intents.authenticate(intentOf(orderId).id, isPassed);
    return orderId;
  };
  return {
    intentOf,
    shopper,
    checkOut,
    buyAndAuthenticate,
    /** An order that somebody has cancelled in the table, while its customer passed or failed the bank's challenge. */
    chargedAndCancelled: async (isCharged = true): Promise<string> => {
      const orderId = await buyAndAuthenticate(isCharged);
      await shop.db.send(
        new UpdateCommand({
          TableName: shop.tables.orders,
          Key: { order_id: orderId },
          UpdateExpression: "SET #status = :cancelled REMOVE pending_bucket, settle_after",
          ExpressionAttributeNames: { "#status": "status" },
          ExpressionAttributeValues: { ":cancelled": "cancelled" },
        }),
      );
      return orderId;
    },
    statusOf: async (orderId: string): Promise<string> => (await getOrder(shop, orderId)).status,
    lastMessageOf: (orderId: string): StripeEvent => {
      const message = stripe.events.findLast(
        ({ data }) => (data.object as Intent).metadata.order_id === orderId,
      );
      if (!message) throw new Error(`Stripe has nothing to say about ${orderId}`);
      return message;
    },
  };
};
