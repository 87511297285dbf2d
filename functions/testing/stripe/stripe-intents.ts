import { randomBytes } from "node:crypto";
import { invalid, missing, StripeRefusal, unexpectedState } from "./stripe-error.ts";
import type { CardError, Intent } from "./stripe-intent.ts";

export type Parameters = Readonly<Record<string, unknown>>;

const declined = (decline_code: string): CardError => ({
  type: "card_error",
  code: "card_declined",
  decline_code,
  message: "Your card was declined.",
});

/** Test payment methods and what becomes of a charge (https://docs.stripe.com/testing). Any number of charges can use one. */
const METHODS: Readonly<Record<string, "approved" | "authentication" | CardError>> = {
  pm_card_visa: "approved",
  pm_card_mastercard: "approved",
  pm_card_authenticationRequired: "authentication",
  pm_card_visa_chargeDeclined: declined("generic_decline"),
  pm_card_chargeDeclined: declined("generic_decline"),
  pm_card_visa_chargeDeclinedInsufficientFunds: declined("insufficient_funds"),
  pm_card_chargeDeclinedInsufficientFunds: declined("insufficient_funds"),
};

const AUTHENTICATION_FAILED: CardError = {
  type: "card_error",
  code: "payment_intent_authentication_failure",
  message: "The provided PaymentMethod has failed authentication.",
};

/** The code that ISO 4217 keeps for "no currency". */
const NO_CURRENCY = "xxx";

/** Of US dollars, in cents. */
const SMALLEST_AMOUNT = 50;

export const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString("hex")}`;

/** PaymentIntents and the moves between their statuses. @param onMove called with each new status */
export const openIntents = (onMove: (intent: Intent) => void) => {
  const intents = new Map<string, Intent>();
  /** Those of customers' cards, which are attached to no Customer, and the one intent that may use each. */
  const methods = new Map<string, { readonly effect: string; usedBy?: string }>();

  const put = (intent: Intent): Intent => {
    intents.set(intent.id, intent);
    return intent;
  };
  const move = (intent: Intent, change: Partial<Intent>): Intent => {
    const moved = put({ ...intent, ...change });
    onMove(moved);
    return moved;
  };
  const retrieve = (id: string): Intent => {
    const intent = intents.get(id);
    if (!intent) throw missing("payment_intent", id, "intent");
    return intent;
  };
  const succeed = (intent: Intent): Intent =>
    move(intent, {
      status: "succeeded",
      amount_received: intent.amount,
      latest_charge: newId("ch"),
      next_action: null,
      last_payment_error: null,
    });
  const fail = (intent: Intent, error: CardError): Intent =>
    move(intent, {
      status: "requires_payment_method",
      payment_method: null,
      next_action: null,
      last_payment_error: error,
    });

  const refuseReuse = (method: string | null, intentId: string): void => {
    const { usedBy = intentId } = methods.get(method ?? "") ?? {};
    // As Stripe has it: without a code, and without naming the parameter.
    if (usedBy !== intentId)
      throw invalid(
        "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment. " +
          "It may not be used again.",
      );
  };

  const nextAction = (intent: Intent, returnUrl: unknown): object =>
    returnUrl
      ? {
          type: "redirect_to_url",
          redirect_to_url: { url: `https://hooks.stripe.com/3d_secure/${intent.id}`, return_url: returnUrl },
        }
      : { type: "use_stripe_sdk", use_stripe_sdk: { type: "three_d_secure_redirect" } };

  return {
    all: (): Intent[] => [...intents.values()],
    /** As Stripe.js makes one of what a customer types. */
    newMethod: (effect: keyof typeof METHODS): string => {
      const id = newId("pm");
      methods.set(id, { effect });
      return id;
    },
    retrieve,

    create: (parameters: Parameters): Intent => {
      const { currency, payment_method: method, metadata = {} } = parameters;
      const amount = Number(parameters.amount);
      if (!Number.isSafeInteger(amount))
        throw invalid("Invalid integer", "parameter_invalid_integer", "amount");
      if (amount < SMALLEST_AMOUNT) throw invalid("Amount is too small", "amount_too_small", "amount");
      if (typeof currency !== "string")
        throw invalid("Missing required param: currency.", "parameter_missing");
      if (currency === NO_CURRENCY) throw invalid(`Invalid currency: ${currency}`, undefined, "currency");
      if (typeof method !== "string" || !(method in METHODS || methods.has(method)))
        throw missing("PaymentMethod", String(method), "payment_method", 400);
      const id = newId("pi");
      refuseReuse(method, id);
      return put({
        id,
        object: "payment_intent",
        amount,
        amount_received: 0,
        client_secret: newId(`${id}_secret`),
        created: Math.floor(Date.now() / 1000),
        currency,
        last_payment_error: null,
        latest_charge: null,
        livemode: false,
        metadata: metadata as Record<string, string>,
        next_action: null,
        payment_method: method,
        status: "requires_confirmation",
      });
    },

    confirm: (id: string, parameters: Parameters): Intent => {
      const intent = retrieve(id);
      if (intent.status !== "requires_confirmation") throw unexpectedState(intent);
      if (!parameters.return_url && parameters.use_stripe_sdk !== "true")
        throw invalid("You must provide a `return_url`.", "parameter_missing", "return_url");
      refuseReuse(intent.payment_method, id);
      const method = methods.get(intent.payment_method ?? "");
      if (method) method.usedBy = id;
      const effect = METHODS[method?.effect ?? intent.payment_method ?? ""] ?? "approved";
      if (effect === "approved") return succeed(intent);
      if (effect === "authentication") {
        const next_action = nextAction(intent, parameters.return_url);
        return move(intent, { status: "requires_action", next_action });
      }
      const payment_intent = fail(intent, effect);
      throw new StripeRefusal(402, { ...effect, payment_intent }, true);
    },

    cancel: (id: string): Intent => {
      const intent = retrieve(id);
      if (intent.status === "succeeded" || intent.status === "canceled") throw unexpectedState(intent);
      return move(intent, { status: "canceled", next_action: null });
    },

    /** The end of the bank's challenge. */
    authenticate: (id: string, isPassed: boolean): Intent => {
      const intent = retrieve(id);
      if (intent.status !== "requires_action") throw unexpectedState(intent);
      return isPassed ? succeed(intent) : fail(intent, AUTHENTICATION_FAILED);
    },
  };
};
