import { expect, test } from "vitest";
import { chargingBy, newKey, soon } from "../../../functions/testing/stripe/stripe-charges.ts";
import { openStripeShop, stripeForTests } from "../../../functions/testing/stripe/stripe-shop.ts";

const stripe = await stripeForTests();
const { payment } = openStripeShop(stripe);
const charge = chargingBy(payment);
const { statusesOf } = stripe;

test("a payment method that was used before is declined, by every attempt, and nothing is left to pay", async () => {
  const method = stripe.intents.newMethod("pm_card_visa_chargeDeclined");
  const [first, second] = [newKey(), newKey()];
  expect(await charge(first, method)).toMatchObject({ outcome: "declined", declineCode: "generic_decline" });
  for (const attempts of [1, 2]) {
    expect(await charge(second, method)).toMatchObject({
      outcome: "declined",
      declineCode: "invalid_request",
      attempts,
    });
  }
  expect(statusesOf(second)).toEqual([]);
});

test("a payment method that another order uses between two attempts: declined, and the intent is closed", async () => {
  const method = stripe.intents.newMethod("pm_card_visa");
  const [slow, quick] = [newKey(), newKey()];
  stripe.troubles.push({ on: "confirm", kind: "cut before" });
  await expect(charge(slow, method)).rejects.toMatchObject({ reason: "unavailable" });
  expect(await charge(quick, method)).toMatchObject({ outcome: "approved" });
  for (let attempt = 0; attempt < 2; attempt++) {
    expect(await charge(slow, method)).toMatchObject({ outcome: "declined", declineCode: "invalid_request" });
  }
  expect(statusesOf(slow)).toEqual(["canceled"]);
});

test("a charge that has used its payment method is not declined to an attempt that begins anew", async () => {
  const method = stripe.intents.newMethod("pm_card_visa");
  const key = newKey();
  const { promise, resolve: open } = Promise.withResolvers<void>();
  stripe.gate = promise;
  const late = charge(key, method);
  await expect.poll(() => stripe.requests.at(-1)?.key).toBe(key);
  stripe.gate = undefined;
  // Another process, to which Stripe answers at once.
  const chargeByOther = chargingBy(openStripeShop(stripe).payment);
  expect(await chargeByOther(key, method)).toMatchObject({ outcome: "approved" });
  stripe.pruneKeys();
  open();
  expect(await late).toMatchObject({ outcome: "approved" });
  expect(statusesOf(key)).toEqual(["succeeded"]);
});

test("a setting that Stripe does not accept declines nobody", async () => {
  const other = openStripeShop(stripe, { PAYMENT_CURRENCY: "xxx" });
  const charging = chargingBy(other.payment)(newKey());
  await expect(charging).rejects.toMatchObject({ reason: "unavailable", isOutage: false });
});

test("a refund that fails at Stripe is not made: the next attempt makes it", async () => {
  const key = newKey();
  const size = stripe.refunds.made();
  await charge(key);
  stripe.refunds.status = "failed";
  await expect(payment.refund(key, soon())).rejects.toMatchObject({ reason: "unavailable", isOutage: false });
  stripe.refunds.status = "pending";
  expect(await payment.refund(key, soon())).toEqual({ outcome: "refunded", amountCents: 1_999 });
  stripe.refunds.status = "succeeded";
  expect(stripe.refunds.made()).toBe(size + 1);
});
