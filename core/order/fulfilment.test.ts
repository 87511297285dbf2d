import { expect, test } from "vitest";
import { getStock } from "../stock/stock.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { checkout } from "./checkout.ts";
import { fulfilOrder, UnfulfillableOrder } from "./fulfilment.ts";
import { getOrder } from "./order.ts";
import { placeOrder } from "./place.ts";

const shop = openTestShop();

test("fulfilling sells what was reserved, once however often it is asked", async () => {
  const product = await stockedProduct(shop, 5);
  const user = await userWithCart(shop, [product, 2]);
  const { order } = await checkout(shop, { userId: user, paymentMethod: "pm_card_visa" });
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => fulfilOrder(shop, order.order_id)));
  expect(outcomes.filter(Boolean)).toHaveLength(1);
  expect(await getOrder(shop, order.order_id)).toMatchObject({ status: "fulfilled" });
  expect(await getStock(shop, product)).toEqual({ product_id: product, available: 3, reserved: 0, sold: 2 });
});

test("an order that is not paid or does not exist can't be fulfilled", async () => {
  const product = await stockedProduct(shop, 5);
  const user = await userWithCart(shop, [product, 1]);
  const order = await placeOrder(shop, { userId: user, paymentMethod: "pm_card_visa" });
  await expect(fulfilOrder(shop, order?.order_id ?? "")).rejects.toThrow(UnfulfillableOrder);
  await expect(fulfilOrder(shop, "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC")).rejects.toThrow("does not exist");
});
