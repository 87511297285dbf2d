import type { Stripe } from "stripe";
import { type PaymentEvent, SignatureError } from "../gateway.ts";

/** Seconds after which a signature is worth nothing, to somebody who has recorded it for example. */
const TOLERANCE = 300;

/** Those after which an intent has another outcome than before. */
const OUTCOMES = new Set([
  "payment_intent.succeeded",
  "payment_intent.payment_failed",
  "payment_intent.canceled",
]);

/** Reads Stripe's webhook messages, whose signature covers the body to the letter. */
export const openEventReader =
  (client: () => Promise<Stripe>, secret: string, now: () => number) =>
  async (body: string, signature: string): Promise<PaymentEvent | undefined> => {
    const { webhooks } = await client();
    const { data, type } = await webhooks
      .constructEventAsync(body, signature, secret, TOLERANCE, undefined, now())
      .catch((cause: unknown) => {
        throw new SignatureError("The message is not signed by Stripe, or not of late", { cause });
      });
    if (!OUTCOMES.has(type)) return undefined;
    const { metadata } = data.object as Stripe.PaymentIntent;
    const { order_id: idempotencyKey } = metadata ?? {};
    return idempotencyKey ? { idempotencyKey, isPaid: type === "payment_intent.succeeded" } : undefined;
  };
