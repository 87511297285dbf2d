import { expect, test } from "vitest";
import { addToCart, getCart } from "../../../core/cart/cart.ts";
import { checkout } from "../../../core/order/checkout.ts";
import { fulfilOrder } from "../../../core/order/fulfilment.ts";
import { getOrder } from "../../../core/order/order.ts";
import { getStock } from "../../../core/stock/stock.ts";
import { openTestShop, stockedProduct } from "../../../core/testing/fixtures.ts";

const shop = openTestShop();

test("from a cart to a fulfilled order, under an idempotency key, and to the last piece", async () => {
  const id = await stockedProduct(shop, 3);
  await addToCart(shop, "alice", { product_id: id, quantity: 2 });
  const paymentMethod = "pm_card_visa";
  const { order } = await checkout(shop, { userId: "alice", paymentMethod, idempotencyKey: "once" });
  const again = await checkout(shop, { userId: "alice", paymentMethod, idempotencyKey: "once" });
  expect(again.order.order_id).toBe(order.order_id);
  expect((await getCart(shop, "alice")).items).toEqual([]);

  expect(await fulfilOrder(shop, order.order_id)).toBe(true);
  expect(await getOrder(shop, order.order_id)).toMatchObject({ status: "fulfilled" });
  expect(await getStock(shop, id)).toMatchObject({ available: 1, reserved: 0, sold: 2 });

  await addToCart(shop, "bob", { product_id: id, quantity: 2 });
  await expect(checkout(shop, { userId: "bob", paymentMethod })).rejects.toMatchObject({
    code: "OUT_OF_STOCK",
    details: [{ product_id: id, requested: 2, available: 1 }],
  });
});
