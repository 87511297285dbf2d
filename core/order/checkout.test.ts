import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { addToCart, getCart } from "../cart/cart.ts";
import type { TestPaymentMethod } from "../payment/test-methods.ts";
import { getStock } from "../stock/stock.ts";
import { allItems, chargeOf, openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { checkout } from "./checkout.ts";
import { presentCheckout } from "./checkout-answer.ts";
import { getOrder, listOrders } from "./order.ts";

const shop = openTestShop();

const buy = (userId: string, paymentMethod: TestPaymentMethod = "pm_card_visa", idempotencyKey?: string) =>
  checkout(shop, { userId, paymentMethod, idempotencyKey });

test("a checkout reserves, charges, confirms and empties the cart", async () => {
  const [a, b] = [await stockedProduct(shop, 10, 0.1), await stockedProduct(shop, 10, 2.5)];
  const user = await userWithCart(shop, [b, 2], [a, 3]);
  const answer = presentCheckout(await buy(user));
  expect(answer).toMatchObject({
    order: { user_id: user, status: "confirmed", total: 5.3 },
    payment: { status: "approved", amount: 5.3, attempts: 1 },
    recovery_applied: false,
  });
  expect(answer.order.items.map(({ product_id }) => product_id)).toEqual([a, b]);
  expect(await getOrder(shop, answer.order_id)).toEqual(answer.order);
  expect(await getStock(shop, a)).toMatchObject({ available: 7, reserved: 3 });
  expect((await getCart(shop, user)).items).toEqual([]);
  expect(await chargeOf(shop, answer.order_id)).toMatchObject({ amount_cents: 530, outcome: "approved" });
});

test("200 parallel checkouts for 100 pieces make exactly 100 orders", async () => {
  const product_id = await stockedProduct(shop, 100);
  const users = await Promise.all(Array.from({ length: 200 }, () => userWithCart(shop, [product_id, 1])));
  const outcomes = await Promise.allSettled(users.map((user) => buy(user)));
  const orders = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : []));
  const refusals = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? outcome.reason.code : []));
  expect(orders).toHaveLength(100);
  expect(refusals).toEqual(Array(100).fill("OUT_OF_STOCK"));
  expect(await getStock(shop, product_id)).toEqual({ product_id, available: 0, reserved: 100, sold: 0 });
  const stored = (await allItems(shop, "orders")).filter(({ user_id }) => users.includes(user_id as string));
  expect(stored.map(({ status }) => status)).toEqual(Array(100).fill("confirmed"));
  // A buyer without an order still has the cart.
  const losers = users.filter((_, index) => outcomes[index]?.status === "rejected");
  const carts = await Promise.all(losers.map((user) => getCart(shop, user)));
  expect(carts.every(({ items }) => items[0]?.quantity === 1)).toBe(true);
});

test("parallel checkouts of one cart make one order", async () => {
  const product_id = await stockedProduct(shop, 100);
  const user = await userWithCart(shop, [product_id, 2]);
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => buy(user)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const codes = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? outcome.reason.code : []));
  expect(codes).toEqual(Array(9).fill("CART_EMPTY"));
  expect(await getStock(shop, product_id)).toMatchObject({ available: 98, reserved: 2 });
});

test("an addition during checkouts is either bought or still in the cart", async () => {
  const product_id = await stockedProduct(shop, 1_000);
  const user = await userWithCart(shop, [product_id, 1]);
  await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) =>
      i % 4 === 0 ? buy(user) : addToCart(shop, user, { product_id, quantity: 1 }),
    ),
  );
  const inCart = (await getCart(shop, user)).items[0]?.quantity ?? 0;
  const { reserved } = await getStock(shop, product_id);
  expect(inCart + reserved).toBe(31);
});

test("the path to a paid order is five calls of storage, the processor's book included", async () => {
  const user = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  const spies = [vi.spyOn(shop.db, "send"), vi.spyOn(shop.db, "repeat")];
  await buy(user, "pm_card_visa", "five");
  const calls = spies.flatMap((spy) =>
    spy.mock.calls.map(([command]) => command.constructor.name.replace("Command", "")),
  );
  for (const spy of spies) spy.mockRestore();
  expect(calls).toEqual(["Get", "BatchGet", "TransactWrite", "Update", "Update"]);
});

test("a user's orders come newest first, page by page, and a cursor opens nobody else's", async () => {
  const product_id = await stockedProduct(shop, 50);
  const [user, other] = [await userWithCart(shop), await userWithCart(shop)];
  const placed: string[] = [];
  for (const buyer of [user, other, user, user]) {
    await addToCart(shop, buyer, { product_id, quantity: 1 });
    const { order } = await buy(buyer);
    if (buyer === user) placed.unshift(order.order_id);
    await sleep(2); // ULIDs sort by millisecond.
  }
  const first = await listOrders(shop, { user_id: user, limit: 2 });
  const second = await listOrders(shop, { user_id: user, limit: 2, cursor: first.next_cursor ?? "" });
  expect([...first.orders, ...second.orders].map(({ order_id }) => order_id)).toEqual(placed);
  const foreign = await listOrders(shop, { user_id: other, limit: 10, cursor: first.next_cursor ?? "" });
  expect(foreign.orders.every(({ user_id }) => user_id === other)).toBe(true);
});
