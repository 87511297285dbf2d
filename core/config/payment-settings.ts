import type { StripeSettings } from "../payment/stripe/stripe-client.ts";
import { safeUrl } from "./access-settings.ts";
import type { EnvironmentReader } from "./environment-reader.ts";

const DAY_MS = 86_400_000;
const GATEWAYS = ["simulated", "stripe"] as const;

/** Durations are milliseconds. */
export const paymentSettings = (reader: EnvironmentReader) => {
  const gateway = reader.oneOf("PAYMENT_GATEWAY", "simulated", GATEWAYS);
  const stripe = stripeSettings(reader);
  if (gateway === "stripe" && !stripe) {
    reader.refuse("STRIPE_SECRET_KEY", "set with PAYMENT_GATEWAY=stripe");
  }
  return {
    /** Absent: the processor is simulated. */
    stripe: gateway === "stripe" ? stripe : undefined,
    /** Median latency of the simulated processor. */
    latency: reader.integer("PAYMENT_LATENCY_MS", 20, { min: 0, max: 60_000 }),
    timeout: reader.integer("PAYMENT_TIMEOUT_MS", 2_000, { min: 1, max: 60_000 }),
    /** Age at which an order that still has no answer from the processor is cancelled. */
    settleLimit: reader.integer("PAYMENT_SETTLE_LIMIT_MS", 15 * 60_000, { min: 1, max: DAY_MS }),
    /**
     * The same of an order that was accepted while the processor was away. At most as long as an idempotency key is
     * remembered: later, a client that repeats its checkout gets a second order, and would pay for both.
     */
    deferredLimit: reader.integer("PAYMENT_DEFERRED_LIMIT_MS", DAY_MS, { min: 1, max: DAY_MS }),
    /** Whether a checkout is refused or placed and charged later while the processor is away. */
    outage: reader.oneOf("PAYMENT_OUTAGE", "refuse", ["refuse", "accept"]),
    /** The most that one process takes on credit in one outage. */
    deferred: {
      maxOrders: reader.integer("PAYMENT_DEFERRED_ORDERS", 1_000, { min: 1, max: 1_000_000 }),
      maxCents: 100 * reader.integer("PAYMENT_DEFERRED_AMOUNT", 100_000, { min: 1, max: 1_000_000_000 }),
    },
  };
};

/** @returns undefined without a key */
const stripeSettings = (reader: EnvironmentReader): StripeSettings | undefined => {
  const currency = reader.matching(
    "PAYMENT_CURRENCY",
    "usd",
    /^[a-z]{3}$/,
    "a currency's ISO code in lower case",
  );
  const apiBase = reader.parsed("STRIPE_API_BASE", safeUrl, "an https URL, or http on this machine");
  const returnUrl = reader.parsed("STRIPE_RETURN_URL", safeUrl, "an https URL, or http on this machine");
  const secretKey = reader.linkedOr(
    "Payment",
    "secretKey",
    "STRIPE_SECRET_KEY",
    matching(/^[sr]k_(test|live)_\S+$/),
    "sk_… or rk_…",
  );
  const webhookSecret = reader.linkedOr(
    "Payment",
    "webhookSecret",
    "STRIPE_WEBHOOK_SECRET",
    matching(/^whsec_\S+$/),
    "whsec_…",
  );
  if (secretKey === undefined) return undefined;
  return {
    secretKey,
    webhookSecret,
    currency,
    apiBase: apiBase ?? new URL("https://api.stripe.com"),
    returnUrl: returnUrl?.href,
  };
};

/** Throws for a text of another form. */
const matching =
  (pattern: RegExp) =>
  (text: string): string => {
    if (!pattern.test(text)) throw new Error("malformed");
    return text;
  };
