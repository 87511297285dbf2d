import type { Logger } from "@aws-lambda-powertools/logger";
import type { Stripe } from "stripe";
import type { Database } from "../../storage/database.ts";
import {
  CANCELLED,
  type ChargeRequest,
  type ChargeResult,
  type PaymentGateway,
  PaymentGatewayError,
} from "../gateway.ts";
import { toMinorUnits } from "./minor-units.ts";
import { NONE, openStripeBooks } from "./stripe-books.ts";
import { openStripeClient, type StripeSettings } from "./stripe-client.ts";
import { declineCodeIn, intentIn, isSavedFailure, openTranslation } from "./stripe-errors.ts";
import { openStripeMessages } from "./stripe-messages.ts";
import { refundIntent } from "./stripe-refund.ts";
import { declineCodeOf, openResults } from "./stripe-results.ts";

type Intent = Stripe.PaymentIntent;

export interface StripeGatewayOptions {
  readonly settings: StripeSettings;
  readonly db: Database;
  readonly table: string;
  readonly log: Logger;
  /** Milliseconds. */
  readonly timeout: number;
  readonly now: () => number;
}

/** A rate limit is over within seconds; a key that is not accepted is changed by a person. An answer takes about 0.3 s. */
const PINGING = { every: 3_000, afterRefusal: 30_000, lateAfter: 2_000 } as const;

/**
 * Stripe's PaymentIntents. A key has one intent, which is made, entered in the books and only then confirmed: whatever
 * is lost on the way, the intent's own status tells whether money moved, at any later time. An intent that ends without
 * a payment is cancelled, since its customer may hold the secret to go on with it.
 */
export const openStripeGateway = (options: StripeGatewayOptions): PaymentGateway => {
  const { settings, db, table, log, timeout, now } = options;
  const { currency, returnUrl, webhookSecret } = settings;
  const client = openStripeClient(settings, timeout);
  const books = openStripeBooks(db, table);
  const translated = openTranslation(log, now);
  const { declined, resultOf } = openResults(now);

  /** A call that ends with the signal; what Stripe does then is learnt the next time. */
  const answering = async <T>(signal: AbortSignal, work: (stripe: Stripe) => Promise<T>): Promise<T> => {
    try {
      signal.throwIfAborted();
      return await endedBy(signal, work(await client()));
    } catch (error) {
      throw translated(error, signal);
    }
  };

  const create = async (stripe: Stripe, request: ChargeRequest, amount: number, attempts: number) => {
    const { idempotencyKey, paymentMethod } = request;
    const parameters = {
      amount,
      currency,
      payment_method: paymentMethod,
      payment_method_types: ["card"],
      metadata: { order_id: idempotencyKey },
    };
    try {
      return await stripe.paymentIntents.create(parameters, { idempotencyKey });
    } catch (error) {
      if (!isSavedFailure(error)) throw error;
      return stripe.paymentIntents.create(parameters, { idempotencyKey: `${idempotencyKey}-${attempts}` });
    }
  };

  /** Why Stripe refuses the charge for good. @throws any other failure */
  const refused =
    (key: string) =>
    (error: unknown): { readonly refusal: string } => {
      const refusal = declineCodeIn(error);
      if (refusal === undefined) throw error;
      log.warn("Stripe refuses a charge", { order_id: key, decline_code: refusal });
      return { refusal };
    };

  /**
   * The key's own intent, made unless it has one.
   *
   * @returns or why there will never be one: Stripe refuses to make it, so no money can have moved
   */
  const firstIntent = async (
    stripe: Stripe,
    request: ChargeRequest,
    amount: number,
    attempts: number,
  ): Promise<Intent | { readonly refusal: string }> => {
    const key = request.idempotencyKey;
    const created = await create(stripe, request, amount, attempts).catch(refused(key));
    if ("refusal" in created) {
      // A payment method may also be refused because another attempt at this charge has just used it.
      const agreed = await books.refuse(key, created.refusal);
      return agreed === NONE ? created : stripe.paymentIntents.retrieve(agreed);
    }
    const agreed = await books.agreeOn(key, created.id);
    if (agreed === created.id) return created;
    const closed = await close(stripe, created.id);
    return agreed === NONE ? closed : stripe.paymentIntents.retrieve(agreed);
  };

  /** The key differs by the attempt, for Stripe would repeat a failure of its own; the status lets an intent be paid once. */
  const confirm = async (
    stripe: Stripe,
    { id }: Intent,
    key: string,
    attempts: number,
  ): Promise<{ intent: Intent; refusal?: string }> => {
    const confirmed = await stripe.paymentIntents
      .confirm(id, returnUrl ? { return_url: returnUrl } : { use_stripe_sdk: true }, {
        idempotencyKey: `${key}-confirm-${attempts}`,
      })
      .catch(told)
      .catch(refused(key));
    if (!("refusal" in confirmed)) return { intent: confirmed };
    await books.refuse(key, confirmed.refusal);
    const intent = await stripe.paymentIntents.retrieve(id);
    // Otherwise another attempt has confirmed it meanwhile.
    if (intent.status !== "requires_confirmation") return { intent };
    return { intent: await close(stripe, id), ...confirmed };
  };

  const close = (stripe: Stripe, id: string): Promise<Intent> => stripe.paymentIntents.cancel(id).catch(told);

  const chargeIntent = async (
    stripe: Stripe,
    request: ChargeRequest,
    signal: AbortSignal,
  ): Promise<ChargeResult> => {
    const key = request.idempotencyKey;
    const { attempts, intentId, refusal: earlier } = await books.countAttempt(key);
    if (intentId === NONE) return declined(earlier ?? CANCELLED, attempts);
    const amount = toMinorUnits(request.amountCents, currency);
    if (amount === undefined) return declined("invalid_amount", attempts);
    const first = intentId
      ? await stripe.paymentIntents.retrieve(intentId)
      : await firstIntent(stripe, request, amount, attempts);
    if ("refusal" in first) return declined(first.refusal, attempts);
    signal.throwIfAborted();
    const isNew = first.status === "requires_confirmation";
    const { intent, refusal = earlier } = isNew
      ? await confirm(stripe, first, key, attempts)
      : { intent: first };
    const isOver = intent.status === "requires_payment_method";
    return resultOf(
      isOver ? await close(stripe, intent.id) : intent,
      attempts,
      declineCodeOf(intent) ?? refusal,
    );
  };

  return {
    charge: (request, signal) => answering(signal, (stripe) => chargeIntent(stripe, request, signal)),

    cancel: (key, signal) =>
      answering(signal, async (stripe) => {
        const { attempts } = await books.countAttempt(key);
        const intentId = await books.agreeOn(key, NONE);
        if (intentId === NONE) return { outcome: "cancelled" };
        const intent = await close(stripe, intentId);
        const result = resultOf(intent, attempts);
        if (result.outcome === "action_required") throw new PaymentGatewayError("unavailable");
        const isCancelled = intent.status === "canceled" && declineCodeOf(intent) === undefined;
        return isCancelled ? { outcome: "cancelled" } : result;
      }),

    refund: (key, signal) =>
      answering(signal, async (stripe) => {
        const { attempts, intentId } = await books.countAttempt(key);
        if (intentId === undefined || intentId === NONE) return { outcome: "uncharged" };
        return refundIntent(stripe, intentId, key, attempts);
      }),

    ...(webhookSecret !== undefined && {
      messages: openStripeMessages({ client, answering, books, secret: webhookSecret, now }),
    }),

    pinging: PINGING,

    ping: (signal) =>
      answering(signal, async (stripe) => void (await stripe.paymentIntents.list({ limit: 1 }))),
  };
};

/** The intent that comes with a refusal. @throws the failure otherwise */
const told = (error: unknown): Intent => {
  const intent = intentIn(error);
  if (intent) return intent;
  throw error;
};

const endedBy = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });
