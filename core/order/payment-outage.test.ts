import { expect, test, vi } from "vitest";
import { getCart } from "../cart/cart.ts";
import { getStock } from "../stock/stock.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { checkout } from "./checkout.ts";
import { getOrder } from "./order.ts";
import { recoverOrders } from "./recovery.ts";

test("payment gone: 202 while it fails midway, refused at the door once the circuit is open, settled when it is back", async () => {
  const shop = openTestShop();
  const product = await stockedProduct(shop, 100_000);
  shop.resilience.faults.set("payment", {
    failureRate: 1,
    latencyMs: 0,
    kind: "error",
    expiresAt: shop.now() + 600_000,
  });
  const placed: string[] = [];
  let refused: { code?: string; retryAfterSeconds?: number } | undefined;
  let lastUser = "";
  // A circuit opens after a time of silence: a fast machine makes many attempts meanwhile.
  for (const giveUpAt = Date.now() + 30_000; !refused && Date.now() < giveUpAt; ) {
    lastUser = await userWithCart(shop, [product, 1]);
    try {
      const { order, answer } = await checkout(shop, { userId: lastUser, paymentMethod: "pm_card_visa" });
      expect(answer.status).toBe("pending_payment");
      placed.push(order.order_id);
    } catch (error) {
      refused = error as typeof refused;
    }
  }
  expect(refused).toMatchObject({ code: "PAYMENT_UNAVAILABLE", retryAfterSeconds: expect.any(Number) });
  expect(placed.length).toBeGreaterThan(0);
  // Nothing was created, reserved or charged for the one who was refused.
  expect((await getCart(shop, lastUser)).items).toHaveLength(1);
  expect(await getStock(shop, product)).toMatchObject({ reserved: placed.length });

  shop.resilience.faults.set("payment", undefined);
  shop.resilience.circuits.payment.reset();
  await recoverOrders(shop);
  for (const id of placed) expect(await getOrder(shop, id)).toMatchObject({ status: "confirmed" });
});

test("a processor that declines everything is no outage, and keys that it charged before stay charged", async () => {
  const shop = openTestShop();
  const product = await stockedProduct(shop, 100);
  const buy = async () =>
    checkout(shop, { userId: await userWithCart(shop, [product, 1]), paymentMethod: "pm_card_visa" });
  const paid = await buy();
  shop.resilience.faults.set("payment", {
    failureRate: 1,
    latencyMs: 0,
    kind: "decline",
    expiresAt: shop.now() + 600_000,
  });
  for (let i = 0; i < 12; i++) {
    expect((await buy()).answer).toMatchObject({ status: "payment_failed", declineCode: "card_declined" });
  }
  expect(shop.resilience.circuits.payment.stats()).toMatchObject({ state: "closed", total_failures: 0 });
  expect(await getStock(shop, product)).toMatchObject({ available: 99, reserved: 1 });
  const again = { idempotencyKey: paid.order.order_id, amountCents: 1_999, paymentMethod: "pm_card_visa" };
  expect(await shop.payment.charge(again, AbortSignal.timeout(10_000))).toMatchObject({
    outcome: "approved",
  });
});

test("a checkout that is refused anyway does not take the probe's place", async () => {
  const shop = openTestShop();
  const admits = vi.spyOn(shop.resilience.circuits.payment, "admits");
  const soldOut = await stockedProduct(shop, 0);
  const late = await userWithCart(shop, [soldOut, 1]);
  const buy = (userId: string) => checkout(shop, { userId, paymentMethod: "pm_card_visa" });
  await expect(buy(late)).rejects.toMatchObject({ code: "OUT_OF_STOCK" });
  admits.mockClear();
  await expect(buy(late)).rejects.toMatchObject({ code: "OUT_OF_STOCK" });
  await expect(buy("nobody")).rejects.toMatchObject({ code: "CART_EMPTY" });
  expect(admits).not.toHaveBeenCalled();
});
