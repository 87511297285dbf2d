import type { Stripe } from "stripe";
import type { Cents } from "../../money.ts";
import { PaymentGatewayError, type RefundResult } from "../gateway.ts";
import { fromMinorUnits } from "./minor-units.ts";
import { codeIn, isReplayed } from "./stripe-errors.ts";

/** Codes of a charge that can't be refunded. Source: https://docs.stripe.com/error-codes */
const REFUSALS = new Set(["charge_disputed", "charge_not_refundable", "refund_disputed_payment"]);
/** Why a refund failed that no other will do better than. Source: https://docs.stripe.com/refunds#failed-refunds */
const FINAL_FAILURES = new Set([
  "charge_for_pending_refund_disputed",
  "declined",
  "expired_or_canceled_card",
  "lost_or_stolen_card",
]);

const isMade = ({ status }: Stripe.Refund): boolean => status !== "failed" && status !== "canceled";

/** An intent has few refunds: shops make one, people several at the most. */
const refundsOf = async (stripe: Stripe, intentId: string): Promise<Stripe.Refund[]> =>
  (await stripe.refunds.list({ payment_intent: intentId, limit: 100 })).data;

const sumOf = (refunds: readonly Stripe.Refund[]): Cents =>
  refunds.filter(isMade).reduce((sum, { amount, currency }) => sum + fromMinorUnits(amount, currency), 0);

/** All that has been given back of an intent. */
export const refundedCents = async (stripe: Stripe, intentId: string): Promise<Cents> =>
  sumOf(await refundsOf(stripe, intentId));

/**
 * Gives back what the intent was paid with, as far as that has not been done. Attempts that meet send the same
 * idempotency key: another one takes its place only where a refund, made or failed, has been added meanwhile, or where Stripe
 * repeats a failure or refusal to it. Attempts that meet then send two keys, and no amount: Stripe refuses to give back a
 * second time what has been given back in full.
 *
 * @param attempt tells apart the requests after Stripe has failed or refused, which it would repeat to the same key
 * @throws PaymentGatewayError when Stripe could not give it back; nothing stands in the way of another attempt
 */
export const refundIntent = async (
  stripe: Stripe,
  intentId: string,
  orderKey: string,
  attempt: number,
): Promise<RefundResult> => {
  const intent = await stripe.paymentIntents.retrieve(intentId);
  if (intent.status !== "succeeded") return { outcome: "uncharged" };
  const amountCents = fromMinorUnits(intent.amount_received, intent.currency);
  const all = { outcome: "refunded", amountCents } as const;
  const refunds = await refundsOf(stripe, intentId);
  if (sumOf(refunds) >= amountCents) return all;
  const final = refunds.find(({ failure_reason }) => FINAL_FAILURES.has(failure_reason ?? ""));
  if (final) return { outcome: "refused", reason: final.failure_reason ?? "" };
  const create = (idempotencyKey: string) =>
    stripe.refunds.create({ payment_intent: intentId }, { idempotencyKey });
  const key = `${orderKey}-refund-${refunds.length}`;
  try {
    const made = await create(key).catch((error: unknown) => {
      if (!isReplayed(error)) throw error;
      return create(`${key}-${attempt}`);
    });
    return isMade(made) ? all : failed(made);
  } catch (error) {
    const code = codeIn(error) ?? "";
    if (code === "charge_already_refunded") return all;
    if (REFUSALS.has(code)) return { outcome: "refused", reason: code };
    throw error;
  }
};

const failed = ({ failure_reason: reason = "" }: Stripe.Refund): RefundResult => {
  if (FINAL_FAILURES.has(reason)) return { outcome: "refused", reason };
  throw new PaymentGatewayError("unavailable", { isOutage: false });
};
