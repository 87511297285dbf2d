import type { SettingsReader } from "./settings-reader.ts";

/** How a deployment charges by Stripe. */
export interface StripeDeployment {
  /** ISO 4217, in lower case. */
  readonly currency: string;
  /** The page that banks send customers back to. */
  readonly returnUrl?: string;
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
