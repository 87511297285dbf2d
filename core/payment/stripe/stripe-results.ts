import type { Stripe } from "stripe";
import { CANCELLED, type ChargeResult, type Declined, PaymentGatewayError } from "../gateway.ts";
import { fromMinorUnits } from "./minor-units.ts";

type Intent = Stripe.PaymentIntent;

/** Why the customer's bank declined. */
export const declineCodeOf = ({ last_payment_error: error }: Intent): string | undefined =>
  error ? (error.decline_code ?? error.code ?? "card_declined") : undefined;

/** Puts what has become of an intent into the gateway's terms. */
export const openResults = (now: () => number) => {
  const declined = (declineCode: string, attempts: number): Declined => ({
    outcome: "declined",
    declineCode,
    processedAt: new Date(now()).toISOString(),
    attempts,
  });

  /** @throws PaymentGatewayError while Stripe has not decided */
  const resultOf = (intent: Intent, attempts: number, declineCode = declineCodeOf(intent)): ChargeResult => {
    switch (intent.status) {
      case "succeeded": {
        const amountCents = fromMinorUnits(intent.amount_received, intent.currency);
        const processedAt = new Date(now()).toISOString();
        return { outcome: "approved", transactionId: intent.id, amountCents, processedAt, attempts };
      }
      case "requires_action": {
        const { client_secret: clientSecret, next_action: next } = intent;
        const redirectUrl = next?.redirect_to_url?.url ?? undefined;
        return { outcome: "action_required", clientSecret: clientSecret ?? "", redirectUrl, attempts };
      }
      case "canceled":
        return declined(declineCode ?? CANCELLED, attempts);
      default:
        throw new PaymentGatewayError("unavailable", { isOutage: false });
    }
  };

  return { declined, resultOf };
};
