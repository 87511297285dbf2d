import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { addToCart, getCart } from "../cart/cart.ts";
import type { TestPaymentMethod } from "../payment/test-methods.ts";
import { getStock } from "../stock/stock.ts";
import { chargeOf, openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { checkout } from "./checkout.ts";
import { declineOf, presentCheckout } from "./checkout-answer.ts";
import { getOrder } from "./order.ts";
import { recoverOrders } from "./recovery.ts";

const shop = openTestShop();

const buy = (userId: string, paymentMethod: TestPaymentMethod = "pm_card_visa", idempotencyKey?: string) =>
  checkout(shop, { userId, paymentMethod, idempotencyKey });

describe("a declined payment", () => {
  test.each([
    ["pm_card_chargeDeclined", "card_declined"],
    ["pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"],
  ] as const)(
    "%s releases the stock and restores the cart beside what was added meanwhile",
    async (method, code) => {
      const [bought, added] = [await stockedProduct(shop, 5), await stockedProduct(shop, 5)];
      const user = await userWithCart(shop, [bought, 2]);
      const [result] = await Promise.all([buy(user, method), addSoon(user, added)]);
      expect(declineOf(result)).toMatchObject({ code: "PAYMENT_DECLINED", details: { decline_code: code } });
      expect(await getOrder(shop, result.order.order_id)).toMatchObject({ status: "payment_failed" });
      expect(await getStock(shop, bought)).toMatchObject({ available: 5, reserved: 0 });
      const cart = await getCart(shop, user);
      expect(cart.items.map(({ product_id, quantity }) => [product_id, quantity])).toEqual([
        [bought, 2],
        [added, 1],
      ]);
      expect(presentCheckout(await buy(user)).order.total).toBe(cart.total);
    },
  );

  /** Adds once the checkout has taken the cart. */
  const addSoon = async (user: string, product_id: number) => {
    while ((await getCart(shop, user)).items.length > 0) await sleep(1);
    await addToCart(shop, user, { product_id, quantity: 1 });
  };
});

describe("an unanswered payment", () => {
  test.each(["pm_timeout_after_charge", "pm_timeout_before_charge", "pm_processor_down"] as const)(
    "%s leaves the order pending with its stock reserved",
    async (method) => {
      const product_id = await stockedProduct(shop, 5);
      const userId = await userWithCart(shop, [product_id, 1]);
      const impatient = openTestShop({ paymentTimeout: 300 });
      const result = await checkout(impatient, { userId, paymentMethod: method });
      expect(presentCheckout(result)).toMatchObject({
        order: { status: "pending_payment" },
        payment: { status: "pending", transaction_id: null },
        recovery_applied: true,
      });
      expect(await getOrder(shop, result.order.order_id)).toMatchObject({ status: "pending_payment" });
      expect(await getStock(shop, product_id)).toMatchObject({ available: 4, reserved: 1 });
    },
  );
});

test("storage that fails after the charge leaves the order to recovery, and the customer hears of the order", async () => {
  const failing = openTestShop();
  const product_id = await stockedProduct(shop, 5);
  const user = await userWithCart(shop, [product_id, 1]);
  const charge = failing.payment.charge;
  const paying = vi.spyOn(failing.payment, "charge").mockImplementation(async (...request) => {
    const result = await charge(...request);
    failing.resilience.faults.set("dynamodb", {
      failureRate: 1,
      latencyMs: 0,
      kind: "error",
      expiresAt: failing.now() + 60_000,
    });
    return result;
  });
  const result = await checkout(failing, { userId: user, paymentMethod: "pm_card_visa" });
  expect(presentCheckout(result)).toMatchObject({
    order: { status: "pending_payment" },
    payment: { status: "pending" },
  });
  paying.mockRestore();
  failing.resilience.faults.set("dynamodb", undefined);
  failing.resilience.circuits.dynamodb.reset();
  failing.advance(60_000);
  await recoverOrders(failing);
  const { order_id } = result.order;
  expect(await getOrder(shop, order_id)).toMatchObject({ status: "confirmed" });
  expect(await chargeOf(shop, order_id)).toMatchObject({ outcome: "approved", attempts: 2 });
  expect(await getStock(shop, product_id)).toMatchObject({ available: 4, reserved: 1 });
});
