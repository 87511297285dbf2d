import { checkout } from "../../../core/order/checkout.ts";
import { getOrder } from "../../../core/order/order.ts";
import type { Shop } from "../../../core/shop.ts";
import { stockedProduct, userWithCart } from "../../../core/testing/fixtures.ts";
import type { Intent } from "./stripe-intent.ts";
import type { StripeEvent } from "./stripe-messages.ts";
import type { StripeStandIn } from "./stripe-stand-in.ts";

/** Customers of a shop, and what Stripe has of their orders. */
export const openCustomers = (stripe: StripeStandIn, shop: Shop) => {
  const intentOf = (orderId: string): Intent => {
    const [intent] = stripe.intentsOf(orderId);
    if (!intent) throw new Error(`Stripe has no intent of ${orderId}`);
    return intent;
  };
  const withCart = async (): Promise<string> => userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  const buy = async (paymentMethod: string): Promise<string> => {
    const { order } = await checkout(shop, { userId: await withCart(), paymentMethod });
    return order.order_id;
  };
  return {
    intentOf,
    withCart,
    /** An order whose customer has passed, or failed, the bank's challenge, which the shop does not know yet. */
    buyAndAuthenticate: async (isPassed = true): Promise<string> => {
      const orderId = await buy("pm_card_authenticationRequired");
      stripe.intents.authenticate(intentOf(orderId).id, isPassed);
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
