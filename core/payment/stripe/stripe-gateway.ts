import type { Logger } from "@aws-lambda-powertools/logger";
import type { Stripe } from "stripe";
import type { Database } from "../../storage/database.ts";
import {
  type ChargeRequest,
  type ChargeResult,
  type Declined,
  type PaymentGateway,
  PaymentGatewayError,
} from "../gateway.ts";
import { fromMinorUnits, toMinorUnits } from "./minor-units.ts";
import { NONE, openStripeBooks } from "./stripe-books.ts";
import { openStripeClient, type StripeSettings } from "./stripe-client.ts";
import { declineCodeIn, hasCode, intentIn, isSavedFailure, openTranslation } from "./stripe-errors.ts";
import { openEventReader } from "./stripe-events.ts";

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

  /** The key's own intent, made unless it has one. */
  const firstIntent = async (stripe: Stripe, request: ChargeRequest, amount: number, attempts: number) => {
    const created = await create(stripe, request, amount, attempts);
    const agreed = await books.agreeOn(request.idempotencyKey, created.id);
    if (agreed === created.id) return created;
    const closed = await close(stripe, created.id);
    return agreed === NONE ? closed : stripe.paymentIntents.retrieve(agreed);
  };

  /** The key differs by the attempt, for Stripe would repeat a failure of its own; the status lets an intent be paid once. */
  const confirm = (stripe: Stripe, { id }: Intent, key: string, attempts: number): Promise<Intent> =>
    stripe.paymentIntents
      .confirm(id, returnUrl ? { return_url: returnUrl } : {}, {
        idempotencyKey: `${key}-confirm-${attempts}`,
      })
      .catch(told);

  const close = (stripe: Stripe, id: string): Promise<Intent> => stripe.paymentIntents.cancel(id).catch(told);

  const chargeIntent = async (
    stripe: Stripe,
    request: ChargeRequest,
    signal: AbortSignal,
  ): Promise<ChargeResult> => {
    const key = request.idempotencyKey;
    const { attempts, intentId } = await books.countAttempt(key);
    if (intentId === NONE) return declined("cancelled", attempts);
    const amount = toMinorUnits(request.amountCents, currency);
    if (amount === undefined) return declined("invalid_amount", attempts);
    let intent = intentId
      ? await stripe.paymentIntents.retrieve(intentId)
      : await firstIntent(stripe, request, amount, attempts);
    signal.throwIfAborted();
    if (intent.status === "requires_confirmation") intent = await confirm(stripe, intent, key, attempts);
    const declineCode = declineCodeOf(intent);
    if (intent.status === "requires_payment_method") intent = await close(stripe, intent.id);
    return resultOf(intent, attempts, declineCode);
  };

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
        return declined(declineCode ?? "cancelled", attempts);
      default:
        throw new PaymentGatewayError("unavailable", { isOutage: false });
    }
  };

  return {
    charge: (request, signal) =>
      answering(signal, async (stripe) => {
        try {
          return await chargeIntent(stripe, request, signal);
        } catch (error) {
          const declineCode = declineCodeIn(error);
          if (declineCode === undefined) throw error;
          return declined(declineCode, 1);
        }
      }),

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
        if (intentId === undefined || intentId === NONE) return false;
        const { status } = await stripe.paymentIntents.retrieve(intentId);
        if (status !== "succeeded") return false;
        const refund = { payment_intent: intentId };
        await stripe.refunds
          .create(refund, { idempotencyKey: `${key}-refund-${attempts}` })
          .catch((error: unknown) => {
            if (!hasCode(error, "charge_already_refunded")) throw error;
          });
        return true;
      }),

    ...(webhookSecret !== undefined && { readEvent: openEventReader(client, webhookSecret, now) }),

    ping: (signal) =>
      answering(signal, async (stripe) => void (await stripe.paymentIntents.list({ limit: 1 }))),
  };
};

const declineCodeOf = ({ last_payment_error: error }: Intent): string | undefined =>
  error ? (error.decline_code ?? error.code ?? "card_declined") : undefined;

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
