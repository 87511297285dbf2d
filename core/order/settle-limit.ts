import type { Shop } from "../shop.ts";
import type { OrderItem } from "./order.ts";

/** Whether it was accepted while the processor was away: its customer was answered before any attempt to charge. */
export const isDeferred = ({ answer }: OrderItem): boolean =>
  answer !== undefined && "payment" in answer && answer.payment.attempts === 0;

/**
 * Whether an unpaid order is too old to be charged. A deferred one has a limit of its own: it was accepted to outlast the
 * outage, and no attempt has left it in doubt.
 */
export const isOverdue = (shop: Shop, order: OrderItem): boolean => {
  const { settleLimit, deferredLimit } = shop.config.payment;
  return shop.now() - Date.parse(order.created_at) > (isDeferred(order) ? deferredLimit : settleLimit);
};
