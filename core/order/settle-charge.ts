import { type Approved, CANCELLED, type Declined } from "../payment/gateway.ts";
import type { Shop } from "../shop.ts";
import type { CheckoutAnswer } from "./checkout-outcome.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { refundUnpaid } from "./refund.ts";
import { confirmOrder, failOrder } from "./settle.ts";

/**
 * Takes an order out of `pending_payment` as the gateway has decided. A charge of one that ended without payment before is
 * given back.
 *
 * @returns how the order ended by this call, or undefined when another call settled it first
 */
export const settleCharge = async (
  shop: Shop,
  order: OrderItem,
  result: Approved | Declined,
): Promise<CheckoutAnswer | undefined> => {
  if (result.outcome === "declined") {
    // The shop gave the order up, and never heard that its key had been cancelled.
    const status = result.declineCode === CANCELLED ? "cancelled" : "payment_failed";
    return failOrder(shop, order, status, result.declineCode);
  }
  const answer = await confirmOrder(shop, order, result);
  if (!answer) await refundUnpaid(shop, await readOrder(shop, order.order_id));
  return answer;
};
