import { expect, test } from "vitest";
import { openCustomers } from "../../functions/testing/stripe/stripe-customers.ts";
import { openStripeShop, stripeForTests } from "../../functions/testing/stripe/stripe-shop.ts";
import { checkCharges } from "../../loadtest/verify/checker/check-charges.ts";
import type { OrderRow } from "../../loadtest/verify/checker/state.ts";
import { getCart } from "../cart/cart.ts";
import { getStock } from "../stock/stock.ts";
import { allItems } from "../testing/fixtures.ts";
import { chargeOrder } from "./charge.ts";
import { checkout } from "./checkout.ts";
import { presentCheckout } from "./checkout-answer.ts";
import { placeOrder } from "./place.ts";
import { recoverOrders } from "./recovery.ts";

const HOUR = 3_600_000;
const stripe = await stripeForTests();
const shop = openStripeShop(stripe);
const { shopper, checkOut, statusOf } = openCustomers(stripe, shop);
const { statusesOf } = stripe;

/** The checker's comparison of the orders with the books, here Stripe's own. */
const violations = async () => {
  const orders = (await allItems(shop, "orders")) as unknown as OrderRow[];
  const charges = stripe.intents
    .all()
    .filter(({ id, status }) => status === "succeeded" && !stripe.refunds.has(id))
    .map(({ metadata, amount_received }) => ({
      charge_key: metadata.order_id ?? "",
      outcome: "approved",
      amount_cents: amount_received,
    }));
  const state = { orders, charges, stock: [], carts: [], claims: [], deadLetters: [] };
  return checkCharges(state).violations;
};

test("a paid order is confirmed, and its transaction is Stripe's intent", async () => {
  const { placed, orderId } = await checkOut("pm_card_visa");
  const [intent] = stripe.intentsOf(orderId);
  expect(presentCheckout(placed)).toMatchObject({
    order: { status: "confirmed", total: 39.98 },
    payment: { status: "approved", transaction_id: intent?.id, amount: 39.98 },
  });
  expect(intent).toMatchObject({ amount_received: 3_998, status: "succeeded" });
});

test("a declined order gives back its stock and its cart", async () => {
  const { placed, product, userId, orderId } = await checkOut("pm_card_visa_chargeDeclinedInsufficientFunds");
  expect(placed.answer).toMatchObject({ status: "payment_failed", declineCode: "insufficient_funds" });
  expect(await getStock(shop, product)).toMatchObject({ available: 5, reserved: 0 });
  expect(await getCart(shop, userId)).toMatchObject({ items: [{ product_id: product, quantity: 2 }] });
  expect(statusesOf(orderId)).toEqual(["canceled"]);
});

test.each([
  ["create", "cut after"],
  ["create", "500 after"],
  ["create", "rate limit"],
  ["confirm", "cut before"],
  ["confirm", "cut after"],
  ["confirm", "500 after"],
  ["confirm", "rate limit"],
] as const)(
  "when the answer to %s is lost by %s, recovery settles the order with one charge",
  async (on, kind) => {
    const { placed, orderId } = await checkOut("pm_card_visa", [{ on, kind }]);
    expect(placed.answer).toMatchObject({ status: "pending_payment" });
    expect(await recoverOrders(shop)).toMatchObject({ settled: 1, stillPending: 0 });
    expect(await statusOf(orderId)).toBe("confirmed");
    expect(statusesOf(orderId).filter((status) => status === "succeeded")).toHaveLength(1);
  },
);

test("a process that dies between the charge and its record: recovery finds the charge", async () => {
  const { userId } = await shopper();
  const order = await placeOrder(shop, { userId, paymentMethod: "pm_card_visa" });
  if (!order) throw new Error("No order was placed");
  expect(await chargeOrder(shop, order)).toMatchObject({ outcome: "approved" });
  stripe.pruneKeys();
  shop.advance(60_000); // Past the lease of the one who died.
  expect(await recoverOrders(shop)).toMatchObject({ settled: 1 });
  expect(await statusOf(order.order_id)).toBe("confirmed");
  expect(statusesOf(order.order_id)).toEqual(["succeeded"]);
});

test("a customer who has to confirm gets what that takes, again when asked again, and it is stored nowhere", async () => {
  const { placed, request, orderId } = await checkOut("pm_card_authenticationRequired");
  const [intent] = stripe.intentsOf(orderId);
  const secret = intent?.client_secret;
  const { payment } = presentCheckout(placed);
  expect(payment).toMatchObject({ status: "pending", requires_action: { client_secret: secret } });
  const again = await checkout(shop, request);
  expect(again.replayed).toBe(true);
  expect(presentCheckout(again).payment).toEqual(payment);
  for (const table of ["orders", "charges", "idempotency"] as const) {
    expect(JSON.stringify(await allItems(shop, table))).not.toContain(secret);
  }
  stripe.intents.authenticate(intent?.id ?? "", true);
  shop.advance(60_000);
  expect(await recoverOrders(shop)).toMatchObject({ settled: 1 });
  expect(await statusOf(orderId)).toBe("confirmed");
  expect(presentCheckout(await checkout(shop, request)).payment).not.toHaveProperty("requires_action");
});

test("with a return URL the customer is sent to the bank's page", async () => {
  const other = openStripeShop(stripe, { STRIPE_RETURN_URL: "https://shop.example/paid" });
  const { userId } = await shopper();
  const placed = await checkout(other, { userId, paymentMethod: "pm_card_authenticationRequired" });
  expect(presentCheckout(placed).payment.requires_action?.redirect_url).toMatch(
    /^https:\/\/hooks\.stripe\.com\//,
  );
  stripe.intents.authenticate(stripe.intentsOf(placed.order.order_id)[0]?.id ?? "", true);
  shop.advance(60_000);
  expect(await recoverOrders(shop)).toMatchObject({ settled: 1 });
});

test("a customer who fails to confirm is declined, and can't pay for the dead order afterwards", async () => {
  const { orderId, product } = await checkOut("pm_card_authenticationRequired");
  const [intent] = stripe.intentsOf(orderId);
  stripe.intents.authenticate(intent?.id ?? "", false);
  shop.advance(60_000);
  expect(await recoverOrders(shop)).toMatchObject({ settled: 1 });
  expect(await statusOf(orderId)).toBe("payment_failed");
  expect(statusesOf(orderId)).toEqual(["canceled"]);
  expect(await getStock(shop, product)).toMatchObject({ available: 5, reserved: 0 });
});

test("a customer who never confirms loses the order at the settle limit; one who just has keeps it", async () => {
  const [never, just] = [
    await checkOut("pm_card_authenticationRequired"),
    await checkOut("pm_card_authenticationRequired"),
  ];
  shop.advance(60_000);
  expect(await recoverOrders(shop)).toMatchObject({ stillPending: 2 });
  stripe.intents.authenticate(stripe.intentsOf(just.orderId)[0]?.id ?? "", true);
  shop.advance(HOUR);
  expect(await recoverOrders(shop)).toMatchObject({ cancelled: 1, settled: 1 });
  expect(await statusOf(never.orderId)).toBe("cancelled");
  expect(statusesOf(never.orderId)).toEqual(["canceled"]);
  expect(await statusOf(just.orderId)).toBe("confirmed");
});

test("a key that Stripe does not accept declines nobody: the order waits, and is paid once the key is right", async () => {
  stripe.secretKey = "sk_test_another";
  const { placed, orderId } = await checkOut("pm_card_visa");
  expect(placed.answer).toMatchObject({ status: "pending_payment" });
  stripe.secretKey = "sk_test_stand_in";
  expect(await recoverOrders(shop)).toMatchObject({ settled: 1 });
  expect(await statusOf(orderId)).toBe("confirmed");
});

test("after all of this every paid order was charged once, and no other at all", async () => {
  expect(await violations()).toEqual([]);
});
