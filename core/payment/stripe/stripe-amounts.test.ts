import { expect, test } from "vitest";
import { chargingBy, newKey } from "../../../functions/testing/stripe/stripe-charges.ts";
import { openStripeShop, stripeForTests } from "../../../functions/testing/stripe/stripe-shop.ts";

const stripe = await stripeForTests();

test("yen are charged whole, and an amount with a fraction of one is declined", async () => {
  const charge = chargingBy(openStripeShop(stripe, { PAYMENT_CURRENCY: "jpy" }).payment);
  const key = newKey();
  expect(await charge(key, "pm_card_visa", 50_000)).toMatchObject({ amountCents: 50_000 });
  expect(stripe.intentsOf(key)).toMatchObject([{ amount: 500, currency: "jpy" }]);
  expect(await charge(newKey(), "pm_card_visa", 1_999)).toMatchObject({
    outcome: "declined",
    declineCode: "invalid_amount",
  });
});
