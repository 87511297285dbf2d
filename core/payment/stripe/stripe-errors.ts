import type { Logger } from "@aws-lambda-powertools/logger";
import type { Stripe } from "stripe";
import { PaymentGatewayError } from "../gateway.ts";

type StripeError = InstanceType<typeof Stripe.errors.StripeError>;

/** By its shape: the package's classes are there only once it has been loaded. */
const isStripeError = (error: unknown): error is StripeError =>
  error instanceof Error && "type" in error && String(error.type).startsWith("Stripe");

/**
 * The customer's choices. Stripe names none, and gives no code, where a payment method has been used before
 * without being attached to a Customer, and so may not be used again.
 */
const CUSTOMERS_PARAMETERS = new Set(["payment_method", "amount"]);
/** The shop's own faults, which say nothing about the charge. */
const OWN_FAULTS = new Set([
  "account_invalid",
  "livemode_mismatch",
  "parameter_missing",
  "parameter_unknown",
  "parameters_exclusive",
  "payment_intent_unexpected_state",
  "payment_method_unactivated",
  "testmode_charges_only",
]);

/** Why Stripe refuses for good to create or confirm this charge; undefined for any other failure. */
export const declineCodeIn = (error: unknown): string | undefined => {
  if (!isStripeError(error)) return undefined;
  const { type, code = "", decline_code, param, statusCode } = error;
  if (type === "StripeCardError") return decline_code ?? (code || "card_declined");
  const isAboutCharge = param ? CUSTOMERS_PARAMETERS.has(param) : statusCode === 400;
  const isRefusal = type === "StripeInvalidRequestError" && isAboutCharge && !OWN_FAULTS.has(code);
  return isRefusal ? code || "invalid_request" : undefined;
};

/** The intent as it is, where Stripe says it while refusing to change it: declined, or past what it was asked for. */
export const intentIn = (error: unknown): Stripe.PaymentIntent | undefined => {
  if (!isStripeError(error)) return undefined;
  const isTold = error.type === "StripeCardError" || error.code === "payment_intent_unexpected_state";
  return isTold ? error.payment_intent : undefined;
};

export const codeIn = (error: unknown): string | undefined => (isStripeError(error) ? error.code : undefined);

/** An answer that Stripe repeats to the same idempotency key, refusals included: only another key can get a new one. */
export const isReplayed = (error: unknown): boolean =>
  isStripeError(error) && error.headers?.["idempotent-replayed"] === "true";

/** A repeated failure of Stripe itself. */
export const isSavedFailure = (error: unknown): boolean =>
  isReplayed(error) && ((error as StripeError).statusCode ?? 0) >= 500;

/** Milliseconds between two log lines about a key that Stripe does not take. */
const COMPLAINT_PAUSE = 60_000;

/** Puts a failure into the gateway's terms. Wrong settings and defects of ours go to the log, for a person to mend. */
export const openTranslation = (log: Logger, now: () => number) => {
  let complainedAt = Number.NEGATIVE_INFINITY;

  const complain = ({ type, code, param, statusCode, requestId }: StripeError): void => {
    const facts = { type, code, param, status: statusCode, stripe_request_id: requestId };
    const isAboutKey = statusCode === 401 || statusCode === 403;
    if (!isAboutKey) {
      log.error("Stripe does not accept a request of the shop", facts);
    } else if (now() - complainedAt >= COMPLAINT_PAUSE) {
      complainedAt = now();
      log.error("Stripe does not accept STRIPE_SECRET_KEY, so nothing can be charged", facts);
    }
  };

  return (cause: unknown, signal: AbortSignal): PaymentGatewayError => {
    if (cause instanceof PaymentGatewayError) return cause;
    if (signal.aborted) return new PaymentGatewayError("timeout", { cause });
    if (!isStripeError(cause)) return new PaymentGatewayError("unavailable", { cause });
    // Two requests of ours met on one idempotency key.
    if (cause.statusCode === 409) return new PaymentGatewayError("unavailable", { cause, isOutage: false });
    switch (cause.type) {
      case "StripeConnectionError":
        return new PaymentGatewayError(/timeout/.test(cause.message) ? "timeout" : "unavailable", { cause });
      case "StripeRateLimitError":
        // Two requests of ours met on one intent: no sign that Stripe has too much to do.
        return cause.code === "lock_timeout"
          ? new PaymentGatewayError("unavailable", { cause, isOutage: false })
          : new PaymentGatewayError("unavailable", { cause, isRefusal: true });
      case "StripeAuthenticationError":
      case "StripePermissionError":
        complain(cause);
        return new PaymentGatewayError("unavailable", { cause, isRefusal: true });
      case "StripeAPIError":
        return new PaymentGatewayError("unavailable", { cause });
      default:
        complain(cause);
        return new PaymentGatewayError("unavailable", { cause, isOutage: false });
    }
  };
};
