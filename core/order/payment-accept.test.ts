import { afterEach, expect, test, vi } from "vitest";
import { leastOf } from "../../loadtest/harness/least-of.ts";
import { getCart } from "../cart/cart.ts";
import { readConfig } from "../config/config.ts";
import type { Shop } from "../shop.ts";
import { getStock } from "../stock/stock.ts";
import { allItems, chargeOf, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { openShop } from "../testing/open-shop.ts";
import { LONG, SILENCE } from "../testing/payment-outage.ts";
import { checkout } from "./checkout.ts";
import { getOrder } from "./order.ts";
import { recoverOrders } from "./recovery.ts";

let shop: Shop;

const open = (deferred: object = {}): Shop => {
  const config = readConfig({ ...process.env, PAYMENT_OUTAGE: "accept" });
  // No test fails because the machine is busy.
  const dynamodb = { ...config.dynamodb, requestTimeout: LONG };
  const payment = { ...config.payment, timeout: LONG, deferred: { ...config.payment.deferred, ...deferred } };
  shop = openShop({ ...config, dynamodb, payment, circuit: { ...config.circuit, silence: SILENCE } });
  return shop;
};
afterEach(() => breakPayment(undefined));

const breakPayment = (kind: "error" | "hang" | undefined): void =>
  shop.resilience.faults.set(
    "payment",
    kind && { failureRate: 1, latencyMs: 0, kind, expiresAt: shop.now() + 600_000 },
  );
const circuit = () => shop.resilience.circuits.payment;

const buy = async (product: number, key?: string) => {
  const userId = await userWithCart(shop, [product, 1]);
  return checkout(shop, { userId, paymentMethod: "pm_card_visa", idempotencyKey: key });
};

/** Charges until the circuit has opened; the orders that were placed for it. */
const openCircuit = async (product: number): Promise<string[]> => {
  const placed: string[] = [];
  while (circuit().state() !== "open") placed.push((await buy(product)).order.order_id);
  return placed;
};

test("payment away: every order is taken at once, and settled by itself when the processor is back, charged once", async () => {
  open();
  const product = await stockedProduct(shop, 1_000);
  await buy(product);
  breakPayment("error");
  const placed = await openCircuit(product);
  const asked = circuit().stats().total_requests;
  for (let i = 0; i < 30; i++) {
    const { order, answer } = await buy(product, `key-${i}`);
    expect(answer).toMatchObject({ status: "pending_payment", payment: { status: "pending", attempts: 0 } });
    placed.push(order.order_id);
  }
  // Nobody waited for the processor, nor does recovery ask it.
  await recoverOrders(shop);
  expect(circuit().stats().total_requests).toBe(asked);
  expect(await getStock(shop, product)).toMatchObject({ reserved: placed.length + 1 });

  breakPayment(undefined);
  await vi.waitFor(
    async () => {
      for (const id of placed) expect(await getOrder(shop, id)).toMatchObject({ status: "confirmed" });
    },
    { timeout: 20_000, interval: 50 },
  );
  for (const id of placed) expect(await chargeOf(shop, id)).toMatchObject({ outcome: "approved" });
  expect(await allItems(shop, "charges")).toHaveLength(placed.length + 1);
  expect(shop.deferred.stats()).toEqual({ orders: 0, cents: 0 });
});

test("the same key gets the same answer while the processor is away, and when it is back", async () => {
  open();
  const product = await stockedProduct(shop, 100);
  breakPayment("error");
  await openCircuit(product);
  const userId = await userWithCart(shop, [product, 1]);
  const ask = () => checkout(shop, { userId, paymentMethod: "pm_card_visa", idempotencyKey: "one" });
  const first = await ask();
  expect(await ask()).toMatchObject({ order: { order_id: first.order.order_id }, replayed: true });
  breakPayment(undefined);
  await vi.waitFor(async () => {
    expect(await getOrder(shop, first.order.order_id)).toMatchObject({ status: "confirmed" });
  }, 20_000);
  expect(await ask()).toMatchObject({ answer: first.answer, replayed: true });
});

test.each([
  ["orders", { maxOrders: 3 }],
  ["money", { maxCents: 7_000 }],
])("no more than the limit of %s is taken, and nothing is reserved for the others", async (_, limits) => {
  open(limits);
  const product = await stockedProduct(shop, 100, 20);
  breakPayment("error");
  const placed = await openCircuit(product);
  for (let i = 0; i < 3; i++) await buy(product);
  const late = await userWithCart(shop, [product, 1]);
  await expect(checkout(shop, { userId: late, paymentMethod: "pm_card_visa" })).rejects.toMatchObject({
    code: "PAYMENT_UNAVAILABLE",
    message: expect.stringContaining("as many orders wait"),
    retryAfterSeconds: expect.any(Number),
  });
  expect((await getCart(shop, late)).items).toHaveLength(1);
  expect(await getStock(shop, product)).toMatchObject({ reserved: placed.length + 3 });
});

test("an order that is refused for another reason takes no place of the others", async () => {
  open({ maxOrders: 1 });
  const [product, scarce] = [await stockedProduct(shop, 100), await stockedProduct(shop, 0)];
  breakPayment("error");
  await openCircuit(product);
  await expect(buy(scarce)).rejects.toMatchObject({ code: "OUT_OF_STOCK" });
  expect(shop.deferred.stats().orders).toBe(0);
  expect((await buy(product)).answer.status).toBe("pending_payment");
});

test("a processor that becomes silent keeps customers for a fraction of its timeout", async () => {
  open();
  const product = await stockedProduct(shop, 100);
  const before = performance.now();
  for (let i = 0; i < 5; i++) await buy(product);
  const usual = (performance.now() - before) / 5;
  breakPayment("hang");
  const fraction = Math.min(LONG / 2, 1_000 + 20 * usual);
  const wait = leastOf(fraction, async () => {
    const startedAt = performance.now();
    expect((await buy(product)).answer.status).toBe("pending_payment");
    return performance.now() - startedAt;
  });
  expect(await wait).toBeLessThan(fraction);
});

test("a checkout while payment is away makes no more storage calls than a normal one, and none of the processor", async () => {
  open();
  const product = await stockedProduct(shop, 1_000);
  const calls = () => shop.metrics.total("DynamoDBCalls");
  const costOf = async (): Promise<number> => {
    const userId = await userWithCart(shop, [product, 1]);
    const before = calls();
    await checkout(shop, { userId, paymentMethod: "pm_card_visa" });
    return calls() - before;
  };
  const normal = await costOf();
  breakPayment("hang");
  await openCircuit(product);
  const asked = circuit().stats().total_requests;
  for (let i = 0; i < 20; i++) expect(await costOf()).toBeLessThanOrEqual(normal);
  expect(circuit().stats().total_requests).toBe(asked);
});
