/**
 * The simulated processor's payment methods. The first three carry the names of Stripe's test tokens of
 * the same behaviour (https://docs.stripe.com/testing); the rest are the failures a shop must survive.
 */
export const TEST_PAYMENT_METHODS = {
  pm_card_visa: "approved",
  pm_card_chargeDeclined: "declined: card_declined",
  pm_card_chargeDeclinedInsufficientFunds: "declined: insufficient_funds",
  pm_timeout_after_charge: "charged, but the first answer never arrives",
  pm_timeout_before_charge: "the first request hangs without charging; a later one is approved",
  pm_processor_down: "the processor answers with an error, always",
} as const;

export type TestPaymentMethod = keyof typeof TEST_PAYMENT_METHODS;
export const PAYMENT_METHODS = Object.keys(TEST_PAYMENT_METHODS) as [
  TestPaymentMethod,
  ...TestPaymentMethod[],
];
export const DEFAULT_PAYMENT_METHOD: TestPaymentMethod = "pm_card_visa";
