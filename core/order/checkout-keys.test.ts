import { describe, expect, test, vi } from "vitest";
import { addToCart, getCart, removeCartLine } from "../cart/cart.ts";
import type { TestPaymentMethod } from "../payment/test-methods.ts";
import { getStock, setStock } from "../stock/stock.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { checkout } from "./checkout.ts";
import { declineOf, presentCheckout } from "./checkout-answer.ts";
import { claimOf } from "./idempotency.ts";
import { placeOrder } from "./place.ts";

const shop = openTestShop();

const buy = (userId: string, paymentMethod: TestPaymentMethod = "pm_card_visa", idempotencyKey?: string) =>
  checkout(shop, { userId, paymentMethod, idempotencyKey });

describe("an idempotency key", () => {
  test("gets the first answer again and buys once", async () => {
    const product_id = await stockedProduct(shop, 5);
    const user = await userWithCart(shop, [product_id, 1]);
    const first = await buy(user, "pm_card_visa", "key-1");
    await addToCart(shop, user, { product_id, quantity: 1 });
    const again = await buy(user, "pm_card_visa", "key-1");
    expect(presentCheckout(again)).toEqual(presentCheckout(first));
    expect([first.replayed, again.replayed]).toEqual([false, true]);
    expect(await getStock(shop, product_id)).toMatchObject({ available: 4, reserved: 1 });
  });

  test("gets its answer again whatever would refuse a new checkout by now", async () => {
    const [product_id, other] = [await stockedProduct(shop, 1), await stockedProduct(shop, 5)];
    const user = await userWithCart(shop, [product_id, 1]);
    const first = await buy(user, "pm_card_visa", "steadfast");
    const again = async () => {
      const answer = await buy(user, "pm_card_visa", "steadfast");
      expect(answer.replayed).toBe(true);
      expect(presentCheckout(answer)).toEqual(presentCheckout(first));
      await expect(buy(user, "pm_card_chargeDeclined", "steadfast")).rejects.toMatchObject({
        code: "IDEMPOTENCY_MISMATCH",
      });
    };
    await again(); // The cart is empty.
    await addToCart(shop, user, { product_id, quantity: 1 });
    await again(); // Sold out.
    await removeCartLine(shop, user, product_id);
    await addToCart(shop, user, { product_id: other, quantity: 1 });
    await again(); // An order could be placed.
    const admits = vi.spyOn(shop.resilience.circuits.payment, "admits").mockReturnValue(false);
    await again(); // The payment service is down.
    admits.mockRestore();
    expect(await getStock(shop, other)).toMatchObject({ available: 5, reserved: 0 });
    expect((await getCart(shop, user)).items).toHaveLength(1);
  });

  test("is a user's own, and refuses another payload", async () => {
    const product_id = await stockedProduct(shop, 5);
    const [one, other] = [
      await userWithCart(shop, [product_id, 1]),
      await userWithCart(shop, [product_id, 1]),
    ];
    await buy(one, "pm_card_visa", "shared");
    expect((await buy(other, "pm_card_visa", "shared")).replayed).toBe(false);
    await expect(buy(one, "pm_card_chargeDeclined", "shared")).rejects.toMatchObject({
      code: "IDEMPOTENCY_MISMATCH",
    });
  });

  test("repeats a decline without charging again", async () => {
    const product_id = await stockedProduct(shop, 5);
    const user = await userWithCart(shop, [product_id, 1]);
    const first = await buy(user, "pm_card_chargeDeclined", "declined");
    const again = await buy(user, "pm_card_chargeDeclined", "declined");
    expect(again.order.order_id).toBe(first.order.order_id);
    expect(declineOf(again)?.message).toBe(declineOf(first)?.message);
  });

  test("is not used up by a checkout that placed nothing", async () => {
    const product_id = await stockedProduct(shop, 0);
    const user = await userWithCart(shop, [product_id, 1]);
    await expect(buy(user, "pm_card_visa", "patient")).rejects.toMatchObject({ code: "OUT_OF_STOCK" });
    await setStock(shop, product_id, { available: 1 });
    expect((await buy(user, "pm_card_visa", "patient")).replayed).toBe(false);
  });

  test("sent many times at once makes one order", async () => {
    const product_id = await stockedProduct(shop, 50);
    const user = await userWithCart(shop, [product_id, 1]);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => buy(user, "pm_card_visa", "burst")),
    );
    const ids = outcomes.flatMap((outcome) =>
      outcome.status === "fulfilled" ? outcome.value.order.order_id : [],
    );
    const codes = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? outcome.reason.code : []));
    expect(new Set(ids).size).toBe(1);
    expect(codes.every((code) => code === "IDEMPOTENCY_IN_FLIGHT")).toBe(true);
    expect(await getStock(shop, product_id)).toMatchObject({ available: 49, reserved: 1 });
  });

  test("takes up a checkout that was cut off after its order was placed, once its lease has run out", async () => {
    const product_id = await stockedProduct(shop, 5);
    const user = await userWithCart(shop, [product_id, 1]);
    const later = openTestShop();
    const claim = claimOf(user, "cut-off", { paymentMethod: "pm_card_visa" });
    const order = await placeOrder(later, { userId: user, paymentMethod: "pm_card_visa", claim });
    const request = { userId: user, paymentMethod: "pm_card_visa", idempotencyKey: "cut-off" };
    await expect(checkout(later, request)).rejects.toMatchObject({ code: "IDEMPOTENCY_IN_FLIGHT" });
    later.advance(60_000);
    const finished = presentCheckout(await checkout(later, request));
    expect(finished).toMatchObject({ order_id: order?.order_id, order: { status: "confirmed" } });
    expect(await getStock(shop, product_id)).toMatchObject({ available: 4, reserved: 1 });
  });
});
