import { type Approved, CANCELLED, type Declined } from "../payment/gateway.ts";
import type { Shop } from "../shop.ts";
import { paymentSignal } from "./charge.ts";
import type { CheckoutAnswer } from "./checkout-outcome.ts";
import { setAside } from "./dead-letters.ts";
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
  if (result.outcome === "declined") {
    // The shop gave the order up, and never heard that its key had been cancelled.
    const status = result.declineCode === CANCELLED ? "cancelled" : "payment_failed";
    return failOrder(shop, order, status, result.declineCode);
  }
  const answer = await confirmOrder(shop, order, result);
  if (!answer) await refundOrSetAside(shop, await readOrder(shop, order.order_id));
  return answer;
};

/** The dead letter's id: it stands beside others that the order may have. */
const refundOf = (orderId: string): string => `refund-${orderId}`;

/** Nothing comes back to an order that has ended: a refund that fails is left to a person, and to the processor's message. */
const refundOrSetAside = async (shop: Shop, order: OrderItem): Promise<void> => {
  try {
    await refundUnpaid(shop, order);
  } catch (error) {
    const { order_id, status } = order;
    await setAside(
      shop,
      refundOf(order_id),
      `Order ${order_id} is ${status} but was charged: a refund is due`,
    );
    throw error;
  }
};

/**
 * Gives a customer's money back for an order that ended without payment, should it have been charged all the same.
 *
 * @throws PaymentGatewayError when it is not known whether there was something to give back
 */
export const refundUnpaid = async (shop: Shop, { order_id, status }: OrderItem): Promise<void> => {
  if (status !== "cancelled" && status !== "payment_failed") return;
  if (await shop.payment.refund(order_id, paymentSignal(shop))) {
    shop.log.warn("refunded an order that ended without payment", { order_id, status });
  }
};
