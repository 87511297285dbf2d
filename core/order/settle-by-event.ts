import { isDomainError } from "../errors.ts";
import type { PaymentEvent, PaymentMessages } from "../payment/messages.ts";
import type { Shop } from "../shop.ts";
import { chargeOrder } from "./charge.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { recordDispute } from "./record-dispute.ts";
import { recordRefunds } from "./record-refunds.ts";
import { refundUnpaid } from "./refund.ts";
import { awaitCustomer } from "./settle.ts";
import { settleCharge } from "./settle-charge.ts";

/**
 * Brings on the order that a message of the processor is about. Of charges and refunds the message is a reason to ask the
 * processor, and is believed in nothing else: it may be old, come twice, or overtake the answer to the charge that it is about.
 *
 * @throws PaymentGatewayError, DomainError: the message has to be sent again
 */
export const settleByEvent = async (
  shop: Shop,
  messages: PaymentMessages,
  event: PaymentEvent,
): Promise<void> => {
  const order = await orderOf(shop, event);
  if (!order) return;
  switch (event.kind) {
    case "charge":
      if (order.status === "pending_payment") return settle(shop, order);
      return event.isPaid ? refundUnpaid(shop, order) : undefined;
    case "refund":
      return recordRefunds(shop, messages, order.order_id);
    case "dispute":
      return recordDispute(shop, order.order_id, event.dispute);
  }
};

const settle = async (shop: Shop, order: OrderItem): Promise<void> => {
  const result = await chargeOrder(shop, order);
  if (result.outcome === "action_required") return awaitCustomer(shop, order);
  const answer = await settleCharge(shop, order, result);
  if (answer) shop.log.info("settled by a message", { order_id: order.order_id, status: answer.status });
};

/** @returns undefined for what is no order of this shop: others may share its account with the processor */
const orderOf = async (shop: Shop, { idempotencyKey }: PaymentEvent): Promise<OrderItem | undefined> => {
  try {
    return await readOrder(shop, idempotencyKey);
  } catch (error) {
    if (isDomainError(error, "ORDER_NOT_FOUND")) return undefined;
    throw error;
  }
};
