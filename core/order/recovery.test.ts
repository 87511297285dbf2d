import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { ulid } from "ulid";
import { expect, test } from "vitest";
import { addToCart, getCart } from "../cart/cart.ts";
import type { TestPaymentMethod } from "../payment/test-methods.ts";
import { getStock } from "../stock/stock.ts";
import { chargeOf, openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { captureLines } from "../testing/lines.ts";
import { checkout } from "./checkout.ts";
import { getOrder } from "./order.ts";
import { placeOrder } from "./place.ts";
import { recoverOrders } from "./recovery.ts";
import { failOrder } from "./settle.ts";

const HOUR = 3_600_000;

/** A shop, a product and an order whose payment went unanswered, for as long as it takes the processor to note it. */
const pendingOrder = async (paymentMethod: TestPaymentMethod) => {
  const shop = openTestShop();
  for (let paymentTimeout = 200; ; paymentTimeout *= 2) {
    const product = await stockedProduct(shop, 5);
    const user = await userWithCart(shop, [product, 2]);
    const impatient = openTestShop({ paymentTimeout });
    const { order } = await checkout(impatient, { userId: user, paymentMethod, idempotencyKey: "once" });
    const noted = await chargeOf(shop, order.order_id);
    const isNoted = paymentMethod === "pm_timeout_after_charge" ? noted?.outcome : noted?.attempts;
    if (isNoted) return { shop, product, user, orderId: order.order_id };
    await failOrder(shop, order, "cancelled", "not noted in time");
  }
};

test("a timeout after the charge is settled by recovery with exactly one charge", async () => {
  const { shop, product, orderId } = await pendingOrder("pm_timeout_after_charge");
  const charged = await chargeOf(shop, orderId);
  expect(charged).toMatchObject({ outcome: "approved", amount_cents: 3998 });
  expect(await recoverOrders(shop)).toMatchObject({ settled: 1 });
  expect(await getOrder(shop, orderId)).toMatchObject({ status: "confirmed" });
  expect(await chargeOf(shop, orderId)).toMatchObject({
    transaction_id: charged?.transaction_id,
    attempts: 2,
  });
  expect(await getStock(shop, product)).toMatchObject({ available: 3, reserved: 2 });
  expect(Object.values(await recoverOrders(shop)).every((count) => count === 0)).toBe(true);
});

test("a timeout before the charge is charged by recovery", async () => {
  const { shop, orderId } = await pendingOrder("pm_timeout_before_charge");
  expect((await chargeOf(shop, orderId))?.outcome).toBeUndefined();
  expect(await recoverOrders(shop)).toMatchObject({ settled: 1 });
  expect(await chargeOf(shop, orderId)).toMatchObject({ outcome: "approved", amount_cents: 3998 });
  expect(await getOrder(shop, orderId)).toMatchObject({ status: "confirmed" });
});

test("the age of what is found unpaid is published, once for each time it is due", async () => {
  const { shop } = await pendingOrder("pm_processor_down");
  shop.advance(60_000);
  const lines = captureLines();
  await recoverOrders(shop);
  await recoverOrders(shop); // Not due.
  shop.metrics.publish();
  const ages = lines.flatMap(({ PendingPaymentAge }) => PendingPaymentAge ?? []) as number[];
  expect(ages).toHaveLength(1);
  expect(ages[0]).toBeGreaterThanOrEqual(60_000);
  expect(ages[0]).toBeLessThan(70_000);
  shop.advance(HOUR);
  expect(await recoverOrders(shop)).toMatchObject({ cancelled: 1 });
});

test("many recoveries at once settle an order once", async () => {
  const { shop, orderId } = await pendingOrder("pm_timeout_before_charge");
  const reports = await Promise.all(Array.from({ length: 5 }, () => recoverOrders(shop)));
  expect(reports.reduce((sum, { settled }) => sum + settled, 0)).toBe(1);
  expect(shop.metrics.total("OrdersConfirmed")).toBe(1);
  expect(await getOrder(shop, orderId)).toMatchObject({ status: "confirmed" });
});

test("a processor that stays down is asked again with growing pauses, then the order is cancelled", async () => {
  const { shop, product, user, orderId } = await pendingOrder("pm_processor_down");
  expect(await recoverOrders(shop)).toMatchObject({ stillPending: 1 });
  expect(await recoverOrders(shop)).toMatchObject({ stillPending: 0 }); // Not due yet.
  shop.advance(2 * 60_000);
  expect(await recoverOrders(shop)).toMatchObject({ stillPending: 1 });
  shop.advance(HOUR);
  expect(await recoverOrders(shop)).toMatchObject({ cancelled: 1 });
  expect(await getOrder(shop, orderId)).toMatchObject({ status: "cancelled" });
  expect(await chargeOf(shop, orderId)).toMatchObject({ outcome: "cancelled" });
  expect(await getStock(shop, product)).toMatchObject({ available: 5, reserved: 0 });
  expect((await getCart(shop, user)).items).toMatchObject([{ product_id: product, quantity: 2 }]);
});

test("an order past the limit that turns out to be charged is confirmed after all", async () => {
  const { shop, product, orderId } = await pendingOrder("pm_timeout_after_charge");
  shop.advance(HOUR);
  expect(await recoverOrders(shop)).toMatchObject({ settled: 1, cancelled: 0 });
  expect(await getOrder(shop, orderId)).toMatchObject({ status: "confirmed" });
  expect(await getStock(shop, product)).toMatchObject({ reserved: 2 });
});

test("a key that was cancelled is never charged by a late attempt", async () => {
  const { shop, orderId } = await pendingOrder("pm_timeout_before_charge");
  const signal = AbortSignal.timeout(10_000);
  expect(await shop.payment.cancel(orderId, signal)).toEqual({ outcome: "cancelled" });
  const late = await shop.payment.charge(
    { idempotencyKey: orderId, amountCents: 3998, paymentMethod: "pm_timeout_before_charge" },
    signal,
  );
  expect(late).toMatchObject({ outcome: "declined", declineCode: "cancelled" });
});

test("an order whose checkout died is left alone during its lease and settled after it", async () => {
  const shop = openTestShop({ paymentTimeout: 300 });
  const product = await stockedProduct(shop, 5);
  const user = await userWithCart(shop, [product, 1]);
  const order = await placeOrder(shop, { userId: user, paymentMethod: "pm_card_visa" });
  const orderId = order?.order_id ?? "";
  await recoverOrders(shop);
  expect(await getOrder(shop, orderId)).toMatchObject({ status: "pending_payment" });
  shop.advance(60_000);
  await recoverOrders(shop);
  expect(await getOrder(shop, orderId)).toMatchObject({ status: "confirmed" });
});

test("an order declined by recovery gives its lines back, though its cart has expired meanwhile", async () => {
  const shop = openTestShop({ paymentTimeout: 300 });
  const product = await stockedProduct(shop, 5);
  const user = await userWithCart(shop, [product, 1]);
  await placeOrder(shop, { userId: user, paymentMethod: "pm_card_chargeDeclined" });
  shop.advance(60_000);
  await shop.db.send(
    new UpdateCommand({
      TableName: shop.tables.carts,
      Key: { user_id: user },
      UpdateExpression: "SET expires_at = :past",
      ExpressionAttributeValues: { ":past": 1 },
    }),
  );
  await recoverOrders(shop);
  expect((await getCart(shop, user)).items).toMatchObject([{ product_id: product, quantity: 1 }]);
  expect(await getStock(shop, product)).toMatchObject({ available: 5, reserved: 0 });
});

test("one broken order does not hold up the others", async () => {
  const { shop, orderId } = await pendingOrder("pm_timeout_before_charge");
  const product = await stockedProduct(shop, 5);
  const user = await userWithCart(shop, [product, 1]);
  const impatient = openTestShop({ paymentTimeout: 300 });
  const broken = await checkout(impatient, { userId: user, paymentMethod: "pm_timeout_before_charge" });
  // The processor refuses a key it knows for another amount.
  await shop.db.send(
    new UpdateCommand({
      TableName: shop.tables.charges,
      Key: { charge_key: broken.order.order_id },
      UpdateExpression: "SET outcome = :approved, amount_cents = :other",
      ExpressionAttributeValues: { ":approved": "approved", ":other": 1 },
    }),
  );
  expect(await recoverOrders(shop)).toMatchObject({ settled: 1, stillPending: 1 });
  expect(await getOrder(shop, orderId)).toMatchObject({ status: "confirmed" });
  expect(await getOrder(shop, broken.order.order_id)).toMatchObject({ status: "pending_payment" });
});

test("a backlog of more than a page is settled in one run", async () => {
  const shop = openTestShop();
  const backlog = Array.from({ length: 120 }, () => `ORD-${ulid()}`);
  const createdAt = new Date(shop.now()).toISOString();
  const waiting = {
    user_id: "backlog",
    lines: [],
    reservations: [],
    total_cents: 100,
    status: "pending_payment",
    payment_method: "pm_card_visa",
    created_at: createdAt,
    updated_at: createdAt,
    pending_bucket: 0,
    settle_after: 0,
    settle_attempts: 0,
  };
  const puts = backlog.map(
    (order_id) => new PutCommand({ TableName: shop.tables.orders, Item: { order_id, ...waiting } }),
  );
  await Promise.all(puts.map((put) => shop.db.send(put)));
  expect((await recoverOrders(shop)).settled).toBeGreaterThanOrEqual(backlog.length);
});

test("the first answer under an idempotency key stays, whatever recovery makes of the order", async () => {
  const { shop, product, user, orderId } = await pendingOrder("pm_timeout_after_charge");
  await recoverOrders(shop);
  await addToCart(shop, user, { product_id: product, quantity: 1 });
  const again = await checkout(shop, {
    userId: user,
    paymentMethod: "pm_timeout_after_charge",
    idempotencyKey: "once",
  });
  expect(again).toMatchObject({
    replayed: true,
    order: { order_id: orderId },
    answer: { status: "pending_payment" },
  });
});
