import type { SettingsReader } from "./settings-reader.ts";

/** How a deployment charges by Stripe. */
export interface StripeDeployment {
  /** ISO 4217, in lower case. */
  readonly currency: string;
  /** The page that banks send customers back to. */
  readonly returnUrl?: string;
}

/** Orders that one task, or one copy of a function, takes while the processor is away, to be charged when it is back. */
export interface AcceptedOrders {
  readonly orders: number;
  /** In whole units of the currency. */
  readonly amount: number;
}

const CURRENCY = /^[a-z]{3}$/;

/** @returns undefined where payments are simulated */
export const readPayment = (reader: SettingsReader): StripeDeployment | undefined => {
  const gateway = reader.oneOf("STAMPEDE_PAYMENT", ["simulated", "stripe"], "simulated");
  const currency = reader.matching(
    "STAMPEDE_CURRENCY",
    CURRENCY,
    "a currency's ISO code in lower case, such as usd",
  );
  const returnUrl = reader.httpsUrl("STAMPEDE_STRIPE_RETURN_URL");
  if (gateway === "stripe") return { currency: currency ?? "usd", ...(returnUrl && { returnUrl }) };
  if (currency || returnUrl) {
    reader.report("STAMPEDE_CURRENCY and STAMPEDE_STRIPE_RETURN_URL need STAMPEDE_PAYMENT=stripe");
  }
  return undefined;
};

/** The shop's own, and the bounds that it accepts. */
const ORDERS = { default: 1_000, min: 1, max: 1_000_000 };
const AMOUNT = { default: 100_000, min: 1, max: 1_000_000_000 };

/** @returns undefined where checkouts are refused while the processor is away */
export const readPaymentOutage = (reader: SettingsReader): AcceptedOrders | undefined => {
  const outage = reader.oneOf("STAMPEDE_PAYMENT_OUTAGE", ["refuse", "accept"], "refuse");
  const orders = reader.wholeNumber("STAMPEDE_DEFERRED_ORDERS", ORDERS);
  const amount = reader.wholeNumber("STAMPEDE_DEFERRED_AMOUNT", AMOUNT);
  if (outage === "accept") return { orders: orders ?? ORDERS.default, amount: amount ?? AMOUNT.default };
  if (orders !== undefined || amount !== undefined) {
    reader.report(
      "STAMPEDE_DEFERRED_ORDERS and STAMPEDE_DEFERRED_AMOUNT need STAMPEDE_PAYMENT_OUTAGE=accept",
    );
  }
  return undefined;
};
