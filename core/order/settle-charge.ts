import type { Approved, Declined } from "../payment/gateway.ts";
import type { Shop } from "../shop.ts";
import { paymentSignal } from "./charge.ts";
import type { CheckoutAnswer } from "./checkout-outcome.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { confirmOrder, failOrder } from "./settle.ts";

/**
 * Takes an order out of `pending_payment` as the gateway has decided.
 *
 * @returns how the order ended by this call, or undefined when another call settled it first
 * @throws PaymentGatewayError when it ended without payment before and can't be refunded now
 */
export const settleCharge = async (
  shop: Shop,
  order: OrderItem,
  result: Approved | Declined,
): Promise<CheckoutAnswer | undefined> => {
  if (result.outcome === "declined") return failOrder(shop, order, "payment_failed", result.declineCode);
  const answer = await confirmOrder(shop, order, result);
  if (!answer) await refundUnpaid(shop, await readOrder(shop, order.order_id));
  return answer;
};

/**
 * Gives a customer's money back for an order that ended without payment, should it have been charged all the same.
 *
 * @returns whether there was something to give back
 * @throws PaymentGatewayError when that is not known
 */
export const refundUnpaid = async (shop: Shop, { order_id, status }: OrderItem): Promise<boolean> => {
  if (status !== "cancelled" && status !== "payment_failed") return false;
  const isRefunded = await shop.payment.refund(order_id, paymentSignal(shop));
  if (isRefunded) shop.log.warn("refunded an order that ended without payment", { order_id, status });
  return isRefunded;
};
