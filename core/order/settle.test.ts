import { expect, test, vi } from "vitest";
import { getStock } from "../stock/stock.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { placeOrder } from "./place.ts";
import { failOrder, leavePending } from "./settle.ts";

const shop = openTestShop();

const unpaidOrder = async () => {
  const id = await stockedProduct(shop, 5);
  const userId = await userWithCart(shop, [id, 2]);
  return { id, order: (await placeOrder(shop, { userId, paymentMethod: "pm_card_visa" })) as OrderItem };
};

test("a cart that keeps changing leaves the order as it is, for another attempt", async () => {
  const { id, order } = await unpaidOrder();
  const { commit } = shop.stock;
  const committing = vi
    .spyOn(shop.stock, "commit")
    .mockImplementation(async ({ items, movements }) => [
      undefined,
      ...items.slice(1).map(() => ({ Code: "ConditionalCheckFailed" })),
      ...movements.map(() => undefined),
    ]);
  await expect(failOrder(shop, order, "cancelled", "test")).rejects.toMatchObject({
    code: "STORAGE_CONFLICT",
    message: "The cart kept changing while the order was released",
    retryAfterSeconds: 1,
  });
  expect(committing).toHaveBeenCalledTimes(5);
  expect(await readOrder(shop, order.order_id)).toMatchObject({ status: "pending_payment" });
  // It comes to rest before the last attempt.
  let attempts = 0;
  const refuse = committing.getMockImplementation() as typeof commit;
  committing.mockImplementation((work) => (++attempts < 5 ? refuse(work) : commit(work)));
  expect(await failOrder(shop, order, "cancelled", "test")).toMatchObject({ status: "cancelled" });
  committing.mockRestore();
  expect(await getStock(shop, id)).toMatchObject({ available: 5, reserved: 0 });
});

test("an order that has ended ends no other way, and waits for nothing", async () => {
  const { id, order } = await unpaidOrder();
  expect(await failOrder(shop, order, "cancelled", "the first")).toMatchObject({ status: "cancelled" });
  const ended = await readOrder(shop, order.order_id);
  expect(await failOrder(shop, order, "payment_failed", "the second")).toBeUndefined();
  expect(await leavePending(shop, order)).toBeUndefined();
  expect(await readOrder(shop, order.order_id)).toEqual(ended);
  expect(ended.pending_bucket).toBeUndefined();
  expect(await getStock(shop, id)).toMatchObject({ available: 5, reserved: 0 });
});
