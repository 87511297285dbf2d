import { expect, test } from "vitest";
import { openCustomers } from "../../functions/testing/stripe/stripe-customers.ts";
import { openStripeShop, stripeForTests } from "../../functions/testing/stripe/stripe-shop.ts";
import { DomainError } from "../errors.ts";
import { getStock } from "../stock/stock.ts";
import { failAfterCharge } from "../testing/charge-faults.ts";
import { checkout } from "./checkout.ts";
import { recoverOrders } from "./recovery.ts";

const stripe = await stripeForTests();
const shop = openStripeShop(stripe);
const { shopper, checkOut, statusOf } = openCustomers(stripe, shop);

test("a customer who has just confirmed gets the outcome by repeating the checkout, from then on", async () => {
  const unsettled = shop.metrics.total("PaymentsUnsettled");
  const passed = await checkOut("pm_card_authenticationRequired");
  const failed = await checkOut("pm_card_authenticationRequired");
  stripe.intents.authenticate(stripe.intentsOf(passed.orderId)[0]?.id ?? "", true);
  stripe.intents.authenticate(stripe.intentsOf(failed.orderId)[0]?.id ?? "", false);
  for (let repeat = 0; repeat < 2; repeat++) {
    expect(await checkout(shop, passed.request)).toMatchObject({ answer: { status: "confirmed" } });
    expect(await checkout(shop, failed.request)).toMatchObject({ answer: { status: "payment_failed" } });
  }
  expect(await statusOf(passed.orderId)).toBe("confirmed");
  expect(await statusOf(failed.orderId)).toBe("payment_failed");
  // Waiting for a customer is no trouble of the processor.
  expect(shop.metrics.total("PaymentsUnsettled")).toBe(unsettled);
});

test("a customer whose first answer was lost gets what the payment takes once recovery knows, and can pay", async () => {
  const { placed, request, orderId } = await checkOut("pm_card_authenticationRequired", [
    { on: "confirm", kind: "cut after" },
  ]);
  expect(placed).toMatchObject({ answer: { status: "pending_payment" }, action: undefined });
  expect(await recoverOrders(shop)).toMatchObject({ stillPending: 1 });
  const [intent] = stripe.intentsOf(orderId);
  expect(await checkout(shop, request)).toMatchObject({ action: { clientSecret: intent?.client_secret } });
  stripe.intents.authenticate(intent?.id ?? "", true);
  expect(await checkout(shop, request)).toMatchObject({ answer: { status: "confirmed" } });
});

test("a customer whose charge was deferred gets what the payment takes once Stripe is back", async () => {
  const accepting = openStripeShop(stripe, { PAYMENT_OUTAGE: "accept" });
  const { payment: circuit } = accepting.resilience.circuits;
  const { userId } = await shopper();
  const open = () => {
    circuit.believeOpen();
    return circuit.state();
  };
  await expect.poll(open).toBe("open");
  const request = {
    userId,
    paymentMethod: "pm_card_authenticationRequired",
    idempotencyKey: "deferred",
  };
  const { order, answer } = await checkout(accepting, request);
  expect(answer).toMatchObject({ status: "pending_payment", payment: { attempts: 0 } });
  circuit.reset(); // Whereupon the shop settles what was deferred.
  const secret = async () => (await checkout(accepting, request)).action?.clientSecret;
  await expect.poll(secret, { timeout: 30_000 }).toBeDefined();
  const [intent] = stripe.intentsOf(order.order_id);
  expect(await secret()).toBe(intent?.client_secret);
  stripe.intents.authenticate(intent?.id ?? "", true);
  expect(await checkout(accepting, request)).toMatchObject({ answer: { status: "confirmed" } });
});

test("a payment method that was used before is declined at once: its stock is free again", async () => {
  const method = stripe.intents.newMethod("pm_card_visa");
  expect((await checkOut(method)).placed.answer).toMatchObject({ status: "confirmed" });
  const { placed, product } = await checkOut(method);
  expect(placed.answer).toMatchObject({ status: "payment_failed", declineCode: "invalid_request" });
  expect(await getStock(shop, product)).toMatchObject({ available: 5, reserved: 0 });
});

test("a customer who repeats the checkout while Stripe is away gets the answer they had", async () => {
  const { placed, request } = await checkOut("pm_card_authenticationRequired");
  stripe.secretKey = "sk_test_another";
  const again = await checkout(shop, request);
  stripe.secretKey = "sk_test_stand_in";
  expect(again).toMatchObject({ replayed: true, answer: placed.answer });
  expect(again.action).toBeUndefined();
  expect(await checkout(shop, request)).toMatchObject({
    action: { clientSecret: placed.action?.clientSecret },
  });
});

test("a customer who has confirmed gets the answer they had where the outcome can't be written", async () => {
  const { placed, request, orderId } = await checkOut("pm_card_authenticationRequired");
  stripe.intents.authenticate(stripe.intentsOf(orderId)[0]?.id ?? "", true);
  const endFault = failAfterCharge(shop, new DomainError("STORAGE_UNAVAILABLE", "no answer"));
  expect(await checkout(shop, request)).toMatchObject({ replayed: true, answer: placed.answer });
  endFault();
  expect(await checkout(shop, request)).toMatchObject({ answer: { status: "confirmed" } });
});
