import type { ChargeResult } from "../payment/gateway.ts";
import { currentRequest } from "../request-scope.ts";
import type { Shop } from "../shop.ts";
import type { OrderItem } from "./order.ts";

/** Ends a gateway call at the payment timeout or at the request's own deadline, whichever comes first. */
export const paymentSignal = (shop: Shop, ms = shop.config.payment.timeout): AbortSignal => {
  const timeout = AbortSignal.timeout(Math.ceil(ms)); // Node takes whole milliseconds only.
  const request = currentRequest()?.signal;
  return request ? AbortSignal.any([request, timeout]) : timeout;
};

/**
 * Charges the order's total under the order id as the gateway's idempotency key: however often it is
 * called for one order, at most one charge is made, and an earlier one is asked about.
 *
 * @param ms how long to wait for the gateway at most; the payment timeout unless given
 * @throws PaymentGatewayError when the outcome is unknown
 */
export const chargeOrder = (shop: Shop, order: OrderItem, ms?: number): Promise<ChargeResult> =>
  shop.payment.charge(
    {
      idempotencyKey: order.order_id,
      amountCents: order.total_cents,
      paymentMethod: order.payment_method,
    },
    paymentSignal(shop, ms),
  );
