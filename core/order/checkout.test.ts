import { setTimeout as sleep } from "node:timers/promises";
import { DeleteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test, vi } from "vitest";
import { addToCart, getCart, readCart, removeCartLine } from "../cart/cart.ts";
import { giveBack, startCart } from "../cart/cart-item.ts";
import { cartUpdate } from "../cart/change.ts";
import { getProduct } from "../catalog/catalog.ts";
import type { TestPaymentMethod } from "../payment/test-methods.ts";
import { stockId } from "../stock/counters.ts";
import { getStock, setStock } from "../stock/stock.ts";
import { allItems, chargeOf, openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { checkout } from "./checkout.ts";
import { declineOf, presentCheckout } from "./checkout-answer.ts";
import { claimOf } from "./idempotency.ts";
import { getOrder, listOrders } from "./order.ts";
import { placeOrder } from "./place.ts";
import { recoverOrders } from "./recovery.ts";

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

test("an empty cart can't be checked out", async () => {
  await expect(buy("nobody")).rejects.toMatchObject({ code: "CART_EMPTY" });
});

test("rejects the whole order and lists the short lines", async () => {
  const [plenty, scarce] = [await stockedProduct(shop, 10), await stockedProduct(shop, 1)];
  const user = await userWithCart(shop, [plenty, 1], [scarce, 2]);
  await expect(buy(user)).rejects.toMatchObject({
    code: "OUT_OF_STOCK",
    details: [{ product_id: scarce, requested: 2, available: 1 }],
  });
  expect(await getStock(shop, plenty)).toMatchObject({ available: 10, reserved: 0 });
  expect((await getCart(shop, user)).items).toHaveLength(2);
});

test("a product without a stock record is out of stock", async () => {
  const product_id = await stockedProduct(shop, 1);
  const user = await userWithCart(shop, [product_id, 1]);
  await shop.db.send(
    new DeleteCommand({ TableName: shop.tables.stock, Key: { stock_id: stockId(product_id, 0) } }),
  );
  await expect(buy(user)).rejects.toMatchObject({
    code: "OUT_OF_STOCK",
    details: [{ product_id, requested: 1, available: 0 }],
  });
});

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

test.each([
  ["51 products", Array.from({ length: 51 }, () => 1)],
  ["10,001 pieces", [10_001]],
])(
  "refuses a cart of %s, as earlier versions could leave one, with a word of what to do",
  async (_, pieces) => {
    const user = await userWithCart(shop);
    const lines = await Promise.all(
      pieces.map(async (quantity) => ({ product_id: await stockedProduct(shop, 20_000), quantity })),
    );
    await shop.db.send(new UpdateCommand(cartUpdate(shop, user, startCart(lines, shop.now()))));
    await expect(buy(user)).rejects.toMatchObject({
      code: "CART_LIMIT_EXCEEDED",
      message: expect.stringContaining("remove some"),
    });
  },
);

describe("a product without a price", () => {
  const unpriced = async (): Promise<number> => {
    const product_id = await stockedProduct(shop, 5);
    await shop.db.send(
      new UpdateCommand({
        TableName: shop.tables.products,
        Key: { product_id },
        UpdateExpression: "REMOVE price_cents ADD version :one",
        ExpressionAttributeValues: { ":one": 1 },
      }),
    );
    return product_id;
  };

  test("can't be put into a cart", async () => {
    const product_id = await unpriced();
    await shop.products.cache.invalidate(product_id, 3);
    expect(await getProduct(shop, product_id)).toMatchObject({ price: null });
    await expect(addToCart(shop, "window", { product_id, quantity: 1 })).rejects.toMatchObject({
      code: "NOT_FOR_SALE",
      details: [{ product_id }],
    });
    expect(await getCart(shop, "window")).toMatchObject({ items: [], version: 0 });
  });

  test("can't be ordered though it was added at a price; cart and stock stay as they are", async () => {
    const [priced, gone] = [await stockedProduct(shop, 5), await unpriced()];
    const user = await userWithCart(shop, [priced, 1]);
    const lines = [{ product_id: gone, quantity: 2 }];
    const cart = await readCart(shop, user);
    await shop.db.send(new UpdateCommand(cartUpdate(shop, user, giveBack(cart, lines, shop.now()).change)));
    await expect(buy(user, "pm_card_visa", "no-price")).rejects.toMatchObject({
      code: "NOT_FOR_SALE",
      details: [{ product_id: gone }],
    });
    for (const id of [priced, gone]) {
      expect(await getStock(shop, id)).toMatchObject({ available: 5, reserved: 0 });
    }
    await shop.products.cache.invalidate(gone, 3);
    expect(await getCart(shop, user)).toMatchObject({
      items: [
        { product_id: priced, price: 19.99 },
        { product_id: gone, quantity: 2, price: null },
      ],
      total: 19.99,
    });
    await removeCartLine(shop, user, gone);
    expect((await buy(user, "pm_card_visa", "no-price")).replayed).toBe(false);
  });

  test("is another thing than one that is free", async () => {
    const user = await userWithCart(shop, [await stockedProduct(shop, 5, 0), 1]);
    expect(presentCheckout(await buy(user))).toMatchObject({ order: { total: 0, status: "confirmed" } });
  });
});

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
