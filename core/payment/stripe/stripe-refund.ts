import type { Stripe } from "stripe";
import { PaymentGatewayError } from "../gateway.ts";
import { hasCode } from "./stripe-errors.ts";

/**
 * Gives back what the intent was paid with.
 *
 * @returns false where it was not paid
 * @throws PaymentGatewayError when Stripe could not give it back; nothing stands in the way of another attempt
 */
export const refundIntent = async (
  stripe: Stripe,
  intentId: string,
  idempotencyKey: string,
): Promise<boolean> => {
  const intent = await stripe.paymentIntents.retrieve(intentId);
  if (intent.status !== "succeeded") return false;
  try {
    const { status } = await stripe.refunds.create({ payment_intent: intentId }, { idempotencyKey });
    if (status === "failed" || status === "canceled")
      throw new PaymentGatewayError("unavailable", { isOutage: false });
  } catch (error) {
    if (!hasCode(error, "charge_already_refunded")) throw error;
  }
  return true;
};
