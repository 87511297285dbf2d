import { afterAll } from "vitest";
import { readConfig } from "../../../core/config/config.ts";
import type { Shop } from "../../../core/shop.ts";
import { openShop } from "../../../core/testing/open-shop.ts";
import { WEBHOOK_SECRET } from "./stripe-messages.ts";
import { type StripeStandIn, startStripe, TEST_KEY } from "./stripe-stand-in.ts";

/** A busy machine is no outage. */
const LONG = 30_000;

/** A stand-in for Stripe that ends with the test file. */
export const stripeForTests = async (): Promise<StripeStandIn> => {
  const stripe = await startStripe();
  afterAll(stripe.close);
  return stripe;
};

/** A shop that charges by Stripe, with a clock that can be put forward. */
export const openStripeShop = (
  stripe: StripeStandIn,
  {
    timeout = LONG,
    ...settings
  }: {
    timeout?: number;
    PAYMENT_CURRENCY?: string;
    PAYMENT_OUTAGE?: "accept";
    STRIPE_RETURN_URL?: string;
  } = {},
): Shop & { advance: (ms: number) => void } => {
  let ahead = 0;
  const config = readConfig({
    ...process.env,
    PAYMENT_GATEWAY: "stripe",
    STRIPE_API_BASE: stripe.url,
    STRIPE_SECRET_KEY: TEST_KEY,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    REQUEST_DEADLINE_MS: "40000",
    PORT: "0",
    ...settings,
  });
  const payment = { ...config.payment, timeout };
  const dynamodb = { ...config.dynamodb, requestTimeout: LONG };
  const shop = openShop({ ...config, payment, dynamodb }, () => Date.now() + ahead);
  return Object.assign(shop, {
    advance: (ms: number) => {
      ahead += ms;
    },
  });
};
