import type { Stripe } from "stripe";
import { type DisputeReport, type EventSubject, type PaymentMessages, SignatureError } from "../messages.ts";
import { fromMinorUnits } from "./minor-units.ts";
import { NONE, type StripeBooks } from "./stripe-books.ts";
import { refundedCents } from "./stripe-refund.ts";

/** Seconds after which a signature is worth nothing, to somebody who has recorded it for example. */
const TOLERANCE = 300;

interface MessagesOptions {
  readonly client: () => Promise<Stripe>;
  /** Asks Stripe, with failures in the gateway's terms. */
  readonly answering: <T>(signal: AbortSignal, work: (stripe: Stripe) => Promise<T>) => Promise<T>;
  readonly books: StripeBooks;
  readonly secret: string;
  readonly now: () => number;
}

/** The intent that a message is about, by its id where the message does not bring it, and what it says of it. */
interface Subject {
  readonly intent: string | Stripe.PaymentIntent | null;
  readonly about: EventSubject;
}

/** Stripe's webhook messages, whose signature covers the body to the letter. */
export const openStripeMessages = (options: MessagesOptions): PaymentMessages => {
  const { client, answering, books, secret, now } = options;
  /** Intents carry the order; refunds and disputes do not. */
  const keyOf = async (intent: Subject["intent"], signal: AbortSignal): Promise<string | undefined> => {
    if (!intent) return undefined;
    if (typeof intent !== "string") return intent.metadata?.order_id;
    const { metadata } = await answering(signal, (stripe) => stripe.paymentIntents.retrieve(intent));
    return metadata.order_id;
  };
  return {
    read: async (body, signature, signal) => {
      const { webhooks } = await client();
      const event = await webhooks
        .constructEventAsync(body, signature, secret, TOLERANCE, undefined, now())
        .catch((cause: unknown) => {
          throw new SignatureError("The message is not signed by Stripe, or not of late", { cause });
        });
      const subject = subjectOf(event);
      const idempotencyKey = subject && (await keyOf(subject.intent, signal));
      return idempotencyKey ? { idempotencyKey, ...subject.about } : undefined;
    },

    refunded: (key, signal) =>
      answering(signal, async (stripe) => {
        const { intentId } = await books.countAttempt(key);
        return intentId === undefined || intentId === NONE ? 0 : refundedCents(stripe, intentId);
      }),
  };
};

const subjectOf = (event: Stripe.Event): Subject | undefined => {
  switch (event.type) {
    // Those after which an intent has another outcome than before.
    case "payment_intent.succeeded":
    case "payment_intent.payment_failed":
    case "payment_intent.canceled": {
      const isPaid = event.type === "payment_intent.succeeded";
      return { intent: event.data.object, about: { kind: "charge", isPaid } };
    }
    case "charge.refunded":
    case "refund.failed":
      return { intent: event.data.object.payment_intent, about: { kind: "refund" } };
    case "charge.dispute.created":
    case "charge.dispute.closed": {
      const dispute = event.data.object;
      return { intent: dispute.payment_intent, about: { kind: "dispute", dispute: reportOf(dispute) } };
    }
    default:
      return undefined;
  }
};

const ENDED: Readonly<Record<string, DisputeReport["status"]>> = {
  lost: "lost",
  won: "won",
  prevented: "closed",
  warning_closed: "closed",
};

const reportOf = ({ id, status, amount, currency, reason }: Stripe.Dispute): DisputeReport => ({
  id,
  status: ENDED[status] ?? "open",
  amountCents: fromMinorUnits(amount, currency),
  reason,
});
