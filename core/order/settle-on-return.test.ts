import { afterEach, expect, test, vi } from "vitest";
import type { Shop } from "../shop.ts";
import { stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { LONG, mendPayment, openAcceptingShop, openPaymentCircuit } from "../testing/payment-outage.ts";
import { checkout } from "./checkout.ts";
import { openDeferred } from "./deferred.ts";
import { getOrder } from "./order.ts";
import { settleOnReturn } from "./settle-on-return.ts";

const REPORT = "settled what waited for the payment service";

let shop: Shop;
afterEach(() => mendPayment(shop));

/** A shop whose orders are committed, and whose second passes are made, when the test says so. */
const openWithHands = () => {
  shop = openAcceptingShop();
  const { config, stock, log } = shop;
  const gate = Promise.withResolvers<void>();
  const slow: Shop = {
    ...shop,
    // Of its own, so that the shop which it is made of has nothing to settle.
    deferred: openDeferred(config.payment.deferred),
    stock: { ...stock, commit: (order) => gate.promise.then(() => stock.commit(order)) },
  };
  const secondPasses: (() => void)[] = [];
  settleOnReturn(slow, (pass) => secondPasses.push(pass));
  const logged = vi.spyOn(log, "info");
  const passes = (): number => logged.mock.calls.filter(([message]) => message === REPORT).length;
  return { slow, commit: gate.resolve, secondPasses, passes };
};

const defer = async (slow: Shop) => {
  const userId = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  const answer = checkout(slow, { userId, paymentMethod: "pm_card_visa" });
  await vi.waitFor(() => expect(slow.deferred.stats().orders).toBeGreaterThan(0), LONG);
  return { answer };
};

test("an order that commits after the first pass is settled by the second", async () => {
  const { slow, commit, secondPasses, passes } = openWithHands();
  await openPaymentCircuit(shop);
  const { answer } = await defer(slow);
  mendPayment(shop);
  await vi.waitFor(() => expect(passes()).toBe(1), LONG);
  commit();
  const { order } = await answer;
  expect(secondPasses).toHaveLength(1);
  for (const pass of secondPasses) pass();
  await vi.waitFor(async () => {
    expect(await getOrder(shop, order.order_id)).toMatchObject({ status: "confirmed" });
  }, LONG);
});

test("a processor that goes again before the second pass gets two more when it is back", async () => {
  const { slow, commit, secondPasses, passes } = openWithHands();
  await openPaymentCircuit(shop);
  const { answer } = await defer(slow);
  commit();
  await answer;
  mendPayment(shop);
  await vi.waitFor(() => expect(passes()).toBe(1), LONG);
  await openPaymentCircuit(shop);
  secondPasses[0]?.();
  mendPayment(shop);
  await vi.waitFor(() => expect(passes()).toBe(2), LONG);
  secondPasses[1]?.();
  await vi.waitFor(() => expect(passes()).toBe(3), LONG);
});
