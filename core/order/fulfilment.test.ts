import { expect, test, vi } from "vitest";
import { DomainError } from "../errors.ts";
import { getStock } from "../stock/stock.ts";
import { allItems, openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { checkout } from "./checkout.ts";
import { setAside, setOrderAside } from "./dead-letters.ts";
import { fulfilOrder, UnfulfillableOrder } from "./fulfilment.ts";
import { getOrder, readOrder } from "./order.ts";
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
  const fulfilled = fulfilOrder(shop, order?.order_id ?? "");
  await expect(fulfilled).rejects.toThrow(UnfulfillableOrder);
  await expect(fulfilled).rejects.toMatchObject({
    name: "UnfulfillableOrder",
    message: `Order ${order?.order_id} can't be fulfilled: its status is pending_payment`,
  });
  await expect(fulfilOrder(shop, "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC")).rejects.toThrow("does not exist");
});

test("storage that fails is not taken for an order that does not exist", async () => {
  const away = new DomainError("STORAGE_UNAVAILABLE", "storage is away");
  const send = vi.spyOn(shop.db, "send").mockRejectedValue(away);
  await expect(fulfilOrder(shop, "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC")).rejects.toBe(away);
  send.mockRestore();
});

test("fulfilling is counted once, with the time since the payment", async () => {
  const product = await stockedProduct(shop, 5);
  const observe = vi.spyOn(shop.metrics, "observe");
  const agesOf = () => observe.mock.calls.filter(([name]) => name === "FulfilmentAge").map(([, age]) => age);
  const fulfilAfter = async (ms: number) => {
    const { order } = await checkout(shop, {
      userId: await userWithCart(shop, [product, 1]),
      paymentMethod: "pm_card_visa",
    });
    const paidAt = Date.parse((await readOrder(shop, order.order_id)).updated_at);
    const late = { ...shop, now: () => paidAt + ms };
    expect(await fulfilOrder(late, order.order_id)).toBe(true);
    expect(await fulfilOrder(late, order.order_id)).toBe(false);
    return Date.parse((await readOrder(shop, order.order_id)).updated_at) - paidAt;
  };
  const counted = shop.metrics.total("OrdersFulfilled");
  expect(await fulfilAfter(4_321)).toBe(4_321);
  expect(await fulfilAfter(-50)).toBe(-50); // By a clock that is behind.
  expect(agesOf()).toEqual([4_321, -50]); // Which the distribution counts as 0.
  expect(shop.metrics.total("OrdersFulfilled")).toBe(counted + 2);
  observe.mockRestore();
});

test("an order that was set aside loses its dead letter with its fulfilment, and no other does", async () => {
  const product = await stockedProduct(shop, 5);
  const paid = async () => {
    const userId = await userWithCart(shop, [product, 1]);
    return (await checkout(shop, { userId, paymentMethod: "pm_card_visa" })).order.order_id;
  };
  const [aside, other] = [await paid(), await paid()];
  await setOrderAside(shop, aside, "mended by now");
  await setAside(shop, other, "of something else");
  for (const orderId of [aside, other]) expect(await fulfilOrder(shop, orderId)).toBe(true);
  const letters = (await allItems(shop, "deadLetters")).map(({ record_id }) => record_id);
  expect(letters).toContain(other);
  expect(letters).not.toContain(aside);
  expect((await readOrder(shop, aside)).set_aside_at).toBeUndefined();
});

test("one that another has fulfilled since it was read is nobody's fault, and not counted", async () => {
  const userId = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  const { order } = await checkout(shop, { userId, paymentMethod: "pm_card_visa" });
  const counted = shop.metrics.total("OrdersFulfilled");
  const { commit } = shop.stock;
  const committing = vi.spyOn(shop.stock, "commit").mockImplementationOnce(async (work) => {
    committing.mockRestore();
    expect(await fulfilOrder(shop, order.order_id)).toBe(true);
    return commit(work);
  });
  expect(await fulfilOrder(shop, order.order_id)).toBe(false);
  expect(shop.metrics.total("OrdersFulfilled")).toBe(counted + 1);
});
