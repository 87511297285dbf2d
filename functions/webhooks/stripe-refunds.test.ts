import { expect, test } from "vitest";
import { checkout } from "../../core/order/checkout.ts";
import { fulfilOrder } from "../../core/order/fulfilment.ts";
import { readOrder } from "../../core/order/order.ts";
import { recoverOrders } from "../../core/order/recovery.ts";
import { failOrder } from "../../core/order/settle.ts";
import { allItems } from "../../core/testing/fixtures.ts";
import { ENDPOINTS } from "../http/endpoints.ts";
import { startServer } from "../testing/http.ts";
import { openCustomers } from "../testing/stripe/stripe-customers.ts";
import { openDelivery, RECEIVED } from "../testing/stripe/stripe-delivery.ts";
import { messageOf } from "../testing/stripe/stripe-messages.ts";
import { openStripeShop, stripeForTests } from "../testing/stripe/stripe-shop.ts";

const stripe = await stripeForTests();
const shop = openStripeShop(stripe);
const { intentOf, shopper, checkOut, chargedAndCancelled, lastMessageOf } = openCustomers(stripe, shop);
const { url } = startServer(ENDPOINTS, {}, () => shop);
const deliver = openDelivery(url);

/** As its customer and the shop's people see it. */
const orderOf = async (orderId: string) => (await fetch(`${url}/orders/${orderId}`)).json();
const buy = async (): Promise<string> => (await checkOut("pm_card_visa")).orderId;
/** As somebody does in Stripe's dashboard. @returns Stripe's message */
const refundByHand = (orderId: string, amount?: number) => {
  stripe.refunds.create({ payment_intent: intentOf(orderId).id, amount });
  return stripe.events.at(-1) ?? {};
};

test("refunds made by hand show on the order, whose status stays, and which is fulfilled as before", async () => {
  const orderId = await buy();
  expect(await deliver(refundByHand(orderId, 1_000))).toEqual(RECEIVED);
  expect(await orderOf(orderId)).toMatchObject({
    status: "confirmed",
    refund: { status: "partial", amount: 10 },
  });
  expect(await fulfilOrder(shop, orderId)).toBe(true);
  expect(await deliver(refundByHand(orderId))).toEqual(RECEIVED);
  expect(await orderOf(orderId)).toMatchObject({
    status: "fulfilled",
    refund: { status: "full", amount: 39.98 },
  });
});

test("messages about refunds that come late, twice and at once leave what Stripe's books say", async () => {
  const orderId = await buy();
  const made = shop.metrics.total("RefundsMade");
  const first = refundByHand(orderId, 1_000);
  const second = refundByHand(orderId, 500);
  expect(await Promise.all([second, first, second, first].map((message) => deliver(message)))).toEqual(
    Array(4).fill(RECEIVED),
  );
  expect(await deliver(first)).toEqual(RECEIVED);
  expect(await orderOf(orderId)).toMatchObject({ refund: { status: "partial", amount: 15 } });
  expect(shop.metrics.total("RefundsMade")).toBe(made + 1);
});

test("a refund by hand that the bank sends back shows as failed and is counted", async () => {
  const orderId = await buy();
  await deliver(refundByHand(orderId));
  const refused = shop.metrics.total("RefundsRefused");
  const message = stripe.refunds.fail(intentOf(orderId).id, "lost_or_stolen_card");
  for (let repeat = 0; repeat < 2; repeat++) expect(await deliver(message)).toEqual(RECEIVED);
  expect(await orderOf(orderId)).toMatchObject({ refund: { status: "failed", amount: 39.98 } });
  expect(shop.metrics.total("RefundsRefused")).toBe(refused + 1);
});

test("the shop's own refund that the bank sends back is owed again, until a person has given it back", async () => {
  const orderId = await chargedAndCancelled();
  expect(await deliver(lastMessageOf(orderId))).toEqual(RECEIVED);
  expect(await orderOf(orderId)).toMatchObject({ refund: { status: "full" } });
  const { id } = intentOf(orderId);
  expect(await deliver(stripe.refunds.fail(id, "expired_or_canceled_card"))).toEqual(RECEIVED);
  expect(await orderOf(orderId)).toMatchObject({ refund: { status: "failed", amount: 39.98 } });
  const letters = async () => (await allItems(shop, "deadLetters")).map(({ record_id }) => record_id);
  expect(await letters()).toContain(`refund-${orderId}`);
  expect(await deliver(refundByHand(orderId))).toEqual(RECEIVED);
  expect(await orderOf(orderId)).toMatchObject({ refund: { status: "full", amount: 39.98 } });
  expect(await letters()).not.toContain(`refund-${orderId}`);
});

test("of an order that ended without payment, a person refunds a part, and the shop the rest", async () => {
  const orderId = await chargedAndCancelled();
  expect(await deliver(refundByHand(orderId, 1_000))).toEqual(RECEIVED);
  expect(await orderOf(orderId)).toMatchObject({ status: "cancelled", refund: { status: "full" } });
  expect(stripe.refunds.sumOf(intentOf(orderId).id)).toBe(3_998);
});

test("a charge of an order that has ended is owed as soon as a message says so, though Stripe fails", async () => {
  const orderId = await chargedAndCancelled();
  const message = lastMessageOf(orderId);
  stripe.troubles.push({ on: "refund", kind: "cut before" });
  expect(await deliver(message)).toEqual(RECEIVED);
  expect(await orderOf(orderId)).toMatchObject({ refund: { status: "pending", amount: 39.98 } });
  await Promise.all([deliver(message), deliver(message)]);
  expect(await deliver(message)).toEqual(RECEIVED);
  expect(await orderOf(orderId)).toMatchObject({ status: "cancelled", refund: { status: "full" } });
  expect(stripe.refunds.sumOf(intentOf(orderId).id)).toBe(3_998);
});

test("an order that ends while it is charged: the refund fails in the checkout, and recovery makes it", async () => {
  const { userId } = await shopper();
  const { promise, resolve: open } = Promise.withResolvers<void>();
  const known = stripe.intents.all().length;
  stripe.confirmations = promise;
  const placing = checkout(shop, { userId, paymentMethod: "pm_card_visa" });
  await expect.poll(() => stripe.intents.all()[known]?.status).toBe("succeeded");
  stripe.confirmations = undefined;
  const orderId = stripe.intents.all()[known]?.metadata.order_id ?? "";
  await failOrder(shop, await readOrder(shop, orderId), "cancelled", "by hand");
  stripe.troubles.push({ on: "refund", kind: "cut before" });
  open();
  expect(await placing).toMatchObject({ answer: { status: "cancelled" } });
  expect(await orderOf(orderId)).toMatchObject({ refund: { status: "pending" } });
  shop.advance(120_000);
  expect(await recoverOrders(shop)).toMatchObject({ refunded: 1 });
  shop.advance(-120_000); // Signatures get old.
  expect(await orderOf(orderId)).toMatchObject({ refund: { status: "full" } });
});

test("a dispute shows on the order from its beginning to its end, which an older message does not undo", async () => {
  const orderId = await buy();
  const { id } = intentOf(orderId);
  const opened = stripe.refunds.dispute(id, "created", "needs_response");
  for (let repeat = 0; repeat < 2; repeat++) expect(await deliver(opened)).toEqual(RECEIVED);
  expect(await orderOf(orderId)).toMatchObject({
    status: "confirmed",
    dispute: { status: "open", amount: 39.98 },
  });
  expect(await deliver(stripe.refunds.dispute(id, "closed", "lost"))).toEqual(RECEIVED);
  expect(await deliver(opened)).toEqual(RECEIVED);
  expect(await orderOf(orderId)).toMatchObject({ dispute: { status: "lost" } });
  expect(shop.metrics.total("Disputes")).toBe(2);
});

test("messages are counted by their subject, and those of no interest are received as well", async () => {
  const messages = () => shop.metrics.total("PaymentMessages");
  const before = messages();
  for (const message of [
    messageOf("customer.created", { id: "cus_1" }),
    messageOf("charge.refunded", { payment_intent: null }),
    messageOf("charge.dispute.created", {}),
    messageOf("invoice.paid", {}),
  ]) {
    expect(await deliver(message)).toEqual(RECEIVED);
  }
  expect(messages()).toBe(before + 4);
});
