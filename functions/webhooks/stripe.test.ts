import { expect, test } from "vitest";
import { checkout } from "../../core/order/checkout.ts";
import { recoverOrders } from "../../core/order/recovery.ts";
import { ENDPOINTS } from "../http/endpoints.ts";
import { startServer } from "../testing/http.ts";
import { openCustomers } from "../testing/stripe/stripe-customers.ts";
import { openDelivery, RECEIVED } from "../testing/stripe/stripe-delivery.ts";
import { messageOf } from "../testing/stripe/stripe-messages.ts";
import { openStripeShop, stripeForTests } from "../testing/stripe/stripe-shop.ts";

const stripe = await stripeForTests();
const shop = openStripeShop(stripe);
const { intentOf, shopper, buyAndAuthenticate, statusOf, lastMessageOf } = openCustomers(stripe, shop);
const deliver = openDelivery(startServer(ENDPOINTS, {}, () => shop).url);

test("a message settles an order that waits for its customer, long before recovery asks", async () => {
  const orderId = await buyAndAuthenticate();
  expect(await deliver(lastMessageOf(orderId))).toEqual(RECEIVED);
  expect(await statusOf(orderId)).toBe("confirmed");
});

test("the same message many times, at once and later, changes nothing more", async () => {
  const orderId = await buyAndAuthenticate();
  const confirmed = shop.metrics.total("OrdersConfirmed");
  const message = lastMessageOf(orderId);
  const answers = await Promise.all(Array.from({ length: 5 }, () => deliver(message)));
  expect(answers).toEqual(Array(5).fill(RECEIVED));
  expect(await deliver(message)).toEqual(RECEIVED);
  expect(shop.metrics.total("OrdersConfirmed")).toBe(confirmed + 1);
  expect(stripe.refunds.made()).toBe(0);
});

test("a message that comes before the answer to its charge settles the order; the answer finds it settled", async () => {
  const { userId } = await shopper();
  const events = stripe.events.length;
  const { promise, resolve: open } = Promise.withResolvers<void>();
  stripe.confirmations = promise;
  const placing = checkout(shop, { userId, paymentMethod: "pm_card_visa" });
  await expect.poll(() => stripe.events.length).toBe(events + 1);
  stripe.confirmations = undefined;
  const [message] = stripe.events.slice(events);
  expect(await deliver(message ?? {})).toEqual(RECEIVED);
  open();
  const { answer, order } = await placing;
  expect(answer).toMatchObject({ status: "confirmed" });
  expect(await statusOf(order.order_id)).toBe("confirmed");
});

test("messages out of order: what Stripe says now counts, not what an old message says", async () => {
  const orderId = await buyAndAuthenticate();
  const { id } = intentOf(orderId);
  const stale = messageOf("payment_intent.payment_failed", {
    ...intentOf(orderId),
    status: "requires_payment_method",
  });
  expect(await deliver(stale)).toEqual(RECEIVED);
  expect(await statusOf(orderId)).toBe("confirmed");
  expect(await deliver(messageOf("payment_intent.canceled", intentOf(orderId)))).toEqual(RECEIVED);
  expect(await statusOf(orderId)).toBe("confirmed");
  expect(stripe.refunds.has(id)).toBe(false);
});

test("a failed confirmation by the customer ends the order", async () => {
  const orderId = await buyAndAuthenticate(false);
  expect(await deliver(lastMessageOf(orderId))).toEqual(RECEIVED);
  expect(await statusOf(orderId)).toBe("payment_failed");
  expect(intentOf(orderId).status).toBe("canceled");
});

test("an order that was given up is cancelled, also when Stripe's message says so before the answer", async () => {
  const { userId } = await shopper();
  const { order } = await checkout(shop, {
    userId,
    paymentMethod: "pm_card_authenticationRequired",
  });
  shop.advance(3_600_000);
  stripe.troubles.push({ on: "cancel", kind: "cut after" });
  await recoverOrders(shop);
  shop.advance(-3_600_000); // Signatures get old.
  expect(await statusOf(order.order_id)).toBe("pending_payment");
  expect(await deliver(lastMessageOf(order.order_id))).toEqual(RECEIVED);
  expect(await statusOf(order.order_id)).toBe("cancelled");
});

test("while Stripe does not answer, the answer has it send the message again", async () => {
  const orderId = await buyAndAuthenticate();
  stripe.troubles.push({ on: "retrieve", kind: "rate limit" });
  expect(await deliver(lastMessageOf(orderId))).toMatchObject({ status: 503 });
  expect(await deliver(lastMessageOf(orderId))).toEqual(RECEIVED);
  expect(await statusOf(orderId)).toBe("confirmed");
});

test.each([
  ["another type", messageOf("customer.created", { id: "cus_1" })],
  [
    "another shop's order",
    messageOf("payment_intent.succeeded", { metadata: { order_id: "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC" } }),
  ],
  ["no order", messageOf("payment_intent.succeeded", { metadata: {} })],
  ["an order id that is none", messageOf("payment_intent.succeeded", { metadata: { order_id: "../x" } })],
])("a message about %s is taken and ignored", async (_, message) => {
  const asked = stripe.requests.length;
  expect(await deliver(message)).toEqual(RECEIVED);
  expect(stripe.requests.length).toBe(asked);
});
