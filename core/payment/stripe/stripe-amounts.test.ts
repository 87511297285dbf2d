import { expect, test } from "vitest";
import { openStripeShop, stripeForTests } from "../../../functions/testing/stripe/stripe-shop.ts";

const stripe = await stripeForTests();
const soon = (): AbortSignal => AbortSignal.timeout(30_000);

test("yen are charged whole, and an amount with a fraction of one is declined", async () => {
  const yen = openStripeShop(stripe, { PAYMENT_CURRENCY: "jpy" }).payment;
  const request = { idempotencyKey: "ORD-1", paymentMethod: "pm_card_visa" };
  expect(await yen.charge({ ...request, amountCents: 50_000 }, soon())).toMatchObject({
    amountCents: 50_000,
  });
  expect(stripe.intentsOf(request.idempotencyKey)).toMatchObject([{ amount: 500, currency: "jpy" }]);
  const fraction = { ...request, idempotencyKey: "ORD-2", amountCents: 1_999 };
  expect(await yen.charge(fraction, soon())).toMatchObject({
    outcome: "declined",
    declineCode: "invalid_amount",
  });
});
