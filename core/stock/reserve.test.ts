import { describe, expect, test, vi } from "vitest";
import { addToCart } from "../cart/cart.ts";
import { checkout } from "../order/checkout.ts";
import { readOrder } from "../order/order.ts";
import { failOrder } from "../order/settle.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { getStock, setStock } from "./stock.ts";

const shop = openTestShop();
const buy = (userId: string) => checkout(shop, { userId, paymentMethod: "pm_card_visa" });

const splitProduct = async (available: number, shards: number): Promise<number> => {
  const product = await stockedProduct(shop, 0);
  await setStock(shop, product, { available, shards });
  return product;
};

describe("a product whose stock is split", () => {
  test("sells to the last piece, and not one more", async () => {
    const product = await splitProduct(20, 8);
    const users = await Promise.all(Array.from({ length: 60 }, () => userWithCart(shop, [product, 1])));
    const outcomes = await Promise.allSettled(users.map(buy));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(20);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "OUT_OF_STOCK" });
    }
    expect(await getStock(shop, product)).toMatchObject({ available: 0, reserved: 20 });
  });

  test("goes on from another counter when the one it sells from is empty", async () => {
    const product = await splitProduct(40, 4);
    const users = await Promise.all(Array.from({ length: 40 }, () => userWithCart(shop, [product, 1])));
    const orders = await Promise.all(users.map(buy));
    const used = new Set(orders.flatMap(({ order }) => order.reservations.map(({ shard }) => shard)));
    expect(used).toEqual(new Set([0, 1, 2, 3]));
    expect(await getStock(shop, product)).toMatchObject({ available: 0, reserved: 40 });
  });

  test("serves a line from several counters when none alone has enough", async () => {
    const product = await splitProduct(12, 4);
    const user = await userWithCart(shop, [product, 10]);
    const { order } = await buy(user);
    expect(order.lines).toEqual([expect.objectContaining({ product_id: product, quantity: 10 })]);
    expect(order.reservations.length).toBeGreaterThan(1);
    expect(await getStock(shop, product)).toMatchObject({ available: 2, reserved: 10 });
  });

  test("gives every piece back to where it came from", async () => {
    const product = await splitProduct(12, 4);
    const user = await userWithCart(shop, [product, 12]);
    const declined = checkout(shop, { userId: user, paymentMethod: "pm_card_chargeDeclined" });
    expect(await declined).toMatchObject({ answer: { status: "payment_failed" } });
    expect(await getStock(shop, product)).toMatchObject({ available: 12, reserved: 0 });
  });

  test("says what is left of it all when that is not enough", async () => {
    const product = await splitProduct(6, 4);
    const user = await userWithCart(shop, [product, 7]);
    await expect(buy(user)).rejects.toMatchObject({
      code: "OUT_OF_STOCK",
      details: [{ product_id: product, requested: 7, available: 6 }],
    });
  });

  test("finds pieces that came back to a counter used no more", async () => {
    const product = await splitProduct(16, 16);
    const user = await userWithCart(shop, [product, 16]);
    const { order } = await checkout(shop, { userId: user, paymentMethod: "pm_processor_down" });
    await setStock(shop, product, { available: 0, shards: 1 });
    await failOrder(shop, await readOrder(shop, order.order_id), "cancelled", "test");
    expect(await buy(await userWithCart(shop, [product, 16]))).toMatchObject({
      answer: { status: "confirmed" },
    });
  });
});

describe("a sold-out product", () => {
  test("is remembered for a second without asking the database", async () => {
    const startedAt = Date.now();
    const shop = openTestShop({ clock: () => startedAt });
    const buy = (userId: string) => checkout(shop, { userId, paymentMethod: "pm_card_visa" });
    const product = await stockedProduct(shop, 1);
    await buy(await userWithCart(shop, [product, 1]));
    const late = await userWithCart(shop, [product, 1]);
    await expect(buy(late)).rejects.toMatchObject({ code: "OUT_OF_STOCK" });

    const send = vi.spyOn(shop.db, "send");
    await expect(buy(late)).rejects.toMatchObject({
      code: "OUT_OF_STOCK",
      details: [{ product_id: product, requested: 1, available: 0 }],
    });
    expect(send.mock.calls.map(([command]) => command.constructor.name)).toEqual(["GetCommand"]);
    send.mockClear();
    shop.advance(1_001);
    await expect(buy(late)).rejects.toMatchObject({ code: "OUT_OF_STOCK" });
    expect(send.mock.calls.map(([command]) => command.constructor.name)).toContain("TransactWriteCommand");
    send.mockRestore();
  });

  test("is forgotten when stock is set, or a smaller quantity is asked for", async () => {
    const product = await stockedProduct(shop, 1);
    const user = await userWithCart(shop, [product, 2]);
    await expect(buy(user)).rejects.toMatchObject({ code: "OUT_OF_STOCK" });
    const modest = await userWithCart(shop, [product, 1]);
    expect(await buy(modest)).toMatchObject({ answer: { status: "confirmed" } });
    await expect(buy(user)).rejects.toMatchObject({ code: "OUT_OF_STOCK" });
    await setStock(shop, product, { available: 2 });
    expect(await buy(user)).toMatchObject({ answer: { status: "confirmed" } });
  });

  test("is forgotten when a declined order gives its pieces back", async () => {
    const product = await stockedProduct(shop, 1);
    const holder = await userWithCart(shop, [product, 1]);
    const { order } = await checkout(shop, { userId: holder, paymentMethod: "pm_processor_down" });
    const late = await userWithCart(shop, [product, 1]);
    await expect(buy(late)).rejects.toMatchObject({ code: "OUT_OF_STOCK" });
    await failOrder(shop, await readOrder(shop, order.order_id), "cancelled", "test");
    expect(await buy(late)).toMatchObject({ answer: { status: "confirmed" } });
  });
});

test("the many lines of a cart are reserved on the counters of each", async () => {
  const [split, plain] = [await splitProduct(9, 3), await stockedProduct(shop, 9)];
  const user = await userWithCart(shop, [split, 5]);
  await addToCart(shop, user, { product_id: plain, quantity: 2 });
  const { order } = await buy(user);
  const pieces = (id: number): number =>
    order.reservations.reduce((sum, { product_id, quantity }) => sum + (product_id === id ? quantity : 0), 0);
  expect([pieces(split), pieces(plain)]).toEqual([5, 2]);
});
