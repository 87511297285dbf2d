import { invalid } from "./stripe-error.ts";
import type { Intent } from "./stripe-intent.ts";
import { newId, type openIntents, type Parameters } from "./stripe-intents.ts";
import { messageOf, type StripeEvent } from "./stripe-messages.ts";

/** The part of a Refund that there is here (https://docs.stripe.com/api/refunds/object). */
interface Refund {
  readonly id: string;
  readonly object: "refund";
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly payment_intent: string;
  readonly status: "succeeded" | "pending" | "failed";
  readonly failure_reason?: string;
}

/** Refunds and disputes of paid intents. @param emit takes the messages about them */
export const openRefunds = (intents: ReturnType<typeof openIntents>, emit: (event: StripeEvent) => void) => {
  let refunds: readonly Refund[] = [];
  const disputed = new Map<string, string>();
  const next = { status: "succeeded" as Refund["status"], failureReason: "unknown" };

  const of = (intentId: string): Refund[] => refunds.filter((refund) => refund.payment_intent === intentId);
  const madeOf = (intentId: string): Refund[] => of(intentId).filter(({ status }) => status !== "failed");
  const sumOf = (intentId: string): number => madeOf(intentId).reduce((sum, { amount }) => sum + amount, 0);

  const chargeOf = (intent: Intent): object => ({
    id: intent.latest_charge,
    object: "charge",
    amount: intent.amount_received,
    amount_refunded: sumOf(intent.id),
    currency: intent.currency,
    metadata: intent.metadata,
    payment_intent: intent.id,
    refunded: sumOf(intent.id) === intent.amount_received,
  });

  const paid = (id: string): Intent => {
    const intent = intents.retrieve(id);
    if (intent.status !== "succeeded")
      throw invalid(`This PaymentIntent (${id}) does not have a successful charge to refund.`);
    return intent;
  };

  return Object.assign(next, {
    /** Whether anything of an intent has been given back. */
    has: (intentId: string): boolean => madeOf(intentId).length > 0,
    /** How many refunds there are that have not failed. */
    made: (): number => refunds.filter(({ status }) => status !== "failed").length,
    sumOf,

    create: ({ payment_intent, amount }: Parameters): Refund => {
      const intent = paid(String(payment_intent));
      const left = intent.amount_received - sumOf(intent.id);
      if (disputed.has(intent.id))
        throw invalid(`Charge ${intent.latest_charge} has been charged back.`, "charge_disputed");
      if (left === 0)
        throw invalid(`Charge ${intent.latest_charge} has already been refunded.`, "charge_already_refunded");
      const asked = amount === undefined ? left : Number(amount);
      if (asked > left) throw invalid(`Refund amount (${asked}) is greater than the amount left (${left}).`);
      const refund: Refund = {
        id: newId("re"),
        object: "refund",
        amount: asked,
        currency: intent.currency,
        metadata: {},
        payment_intent: intent.id,
        status: next.status,
        ...(next.status === "failed" && { failure_reason: next.failureReason }),
      };
      refunds = [refund, ...refunds];
      if (refund.status !== "failed") emit(messageOf("charge.refunded", chargeOf(intent)));
      return refund;
    },

    list: ({ payment_intent }: Parameters): object => ({
      object: "list",
      data: of(String(payment_intent)),
      has_more: false,
      url: "/v1/refunds",
    }),

    /** As banks do, days after a refund was pending or made. @returns the message */
    fail: (intentId: string, failure_reason: string): StripeEvent => {
      refunds = refunds.map((refund) =>
        refund.payment_intent === intentId ? { ...refund, status: "failed", failure_reason } : refund,
      );
      const message = messageOf("refund.failed", { ...of(intentId)[0] });
      emit(message);
      return message;
    },

    /** A customer's bank takes a payment back, or decides about it (https://docs.stripe.com/api/disputes/object). @returns the message */
    dispute: (intentId: string, type: "created" | "closed", status: string): StripeEvent => {
      const intent = paid(intentId);
      const id = disputed.get(intentId) ?? newId("dp");
      disputed.set(intentId, id);
      const message = messageOf(`charge.dispute.${type}`, {
        id,
        object: "dispute",
        amount: intent.amount_received,
        charge: intent.latest_charge,
        currency: intent.currency,
        metadata: {},
        payment_intent: intentId,
        reason: "fraudulent",
        status,
      });
      emit(message);
      return message;
    },
  });
};
