import { expect, test, vi } from "vitest";
import { addToCart, getCart } from "../cart/cart.ts";
import { getStock, setStock } from "../stock/stock.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { placeOrder } from "./place.ts";

const shop = openTestShop();
const paymentMethod = "pm_card_visa";

/** Places an order of a cart to which one piece is added just before each commit, as often as said. */
const placeWhileAdding = async (times: number) => {
  const product_id = await stockedProduct(shop, 50);
  const userId = await userWithCart(shop, [product_id, 1]);
  const { commit } = shop.stock;
  let commits = 0;
  const committing = vi.spyOn(shop.stock, "commit").mockImplementation(async (asked) => {
    if (commits++ < times) await addToCart(shop, userId, { product_id, quantity: 1 });
    return commit(asked);
  });
  const placing = placeOrder(shop, { userId, paymentMethod });
  await placing.catch(() => undefined);
  committing.mockRestore();
  return { placing, product_id, userId, commits: () => commits };
};

test.each([1, 4])(
  "a cart that changes %i times during the checkout is bought as it is then",
  async (times) => {
    const { placing, product_id, userId, commits } = await placeWhileAdding(times);
    expect(((await placing) as OrderItem).lines).toMatchObject([{ product_id, quantity: 1 + times }]);
    expect(commits()).toBe(times + 1);
    expect((await getCart(shop, userId)).items).toEqual([]);
  },
);

test("one that changes five times is given up, and is whole", async () => {
  const { placing, product_id, userId, commits } = await placeWhileAdding(5);
  await expect(placing).rejects.toMatchObject({
    code: "CART_CHANGED",
    message: "The cart kept changing during checkout; try again",
    retryAfterSeconds: 1,
  });
  expect(commits()).toBe(5);
  expect((await getCart(shop, userId)).items).toMatchObject([{ product_id, quantity: 6 }]);
  expect(await getStock(shop, product_id)).toMatchObject({ available: 50, reserved: 0 });
});

test("a claim that another request has taken meanwhile is no order, and leaves the cart", async () => {
  const product_id = await stockedProduct(shop, 5);
  const userId = await userWithCart(shop, [product_id, 1]);
  const claim = { key: `${userId}#key`, fingerprint: "same" };
  expect(await placeOrder(shop, { userId, paymentMethod, claim })).toMatchObject({ user_id: userId });
  await addToCart(shop, userId, { product_id, quantity: 2 });
  expect(await placeOrder(shop, { userId, paymentMethod, claim })).toBeUndefined();
  expect((await getCart(shop, userId)).items).toMatchObject([{ product_id, quantity: 2 }]);
});

test.each([
  { name: "with a key", claim: { key: "twice#key", fingerprint: "same" } },
  { name: "without a key", claim: undefined },
])(
  "an order that was written by an attempt whose answer was lost is that order, $name",
  async ({ claim }) => {
    const product_id = await stockedProduct(shop, 5);
    const userId = await userWithCart(shop, [product_id, 2]);
    const { commit } = shop.stock;
    // The same transaction again, at a database that has lost its tokens with its process.
    const committing = vi.spyOn(shop.stock, "commit").mockImplementation(async (asked) => {
      expect(await commit(asked)).toBeUndefined();
      return commit(asked);
    });
    const placed = await placeOrder(shop, { userId, paymentMethod, claim }).finally(() =>
      committing.mockRestore(),
    );
    expect(placed).toEqual(await readOrder(shop, placed?.order_id ?? ""));
    expect(await getStock(shop, product_id)).toMatchObject({ available: 3, reserved: 2 });
    expect((await getCart(shop, userId)).items).toEqual([]);
  },
);

test("an empty cart is refused with a word", async () => {
  await expect(placeOrder(shop, { userId: "nobody", paymentMethod })).rejects.toMatchObject({
    code: "CART_EMPTY",
    message: "The cart is empty",
  });
});

test("an order counts once, and is nobody's credit", async () => {
  const names = ["OrdersPlaced", "PaymentsUnsettled"] as const;
  const counts = names.map((name) => shop.metrics.total(name));
  const userId = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  await placeOrder(shop, { userId, paymentMethod });
  expect(names.map((name) => shop.metrics.total(name))).toEqual([(counts[0] ?? 0) + 1, counts[1]]);
  expect(shop.deferred.stats()).toEqual({ orders: 0, cents: 0 });
});

test("pieces from several counters are reserved in the order of their counters", async () => {
  const [split, other] = [await stockedProduct(shop, 0), await stockedProduct(shop, 5)];
  await setStock(shop, split, { available: 3, shards: 3 });
  for (const shard of [1, 2]) {
    const movements = [{ product_id: split, shard, quantity: shard, kind: "put" as const }];
    await shop.stock.commit({ userId: `giver ${shard}`, items: [], movements });
  }
  const userId = await userWithCart(shop, [split, 6], [other, 1]);
  const { reservations } = (await placeOrder(shop, { userId, paymentMethod })) as OrderItem;
  expect(reservations).toEqual([
    ...[0, 1, 2].map((shard) => ({ product_id: split, shard, quantity: shard + 1 })),
    { product_id: other, shard: 0, quantity: 1 },
  ]);
});

test("pieces that others are always faster to take refuse the order in the end", async () => {
  const product_id = await stockedProduct(shop, 50);
  const userId = await userWithCart(shop, [product_id, 1]);
  const committing = vi
    .spyOn(shop.stock, "commit")
    .mockImplementation(async ({ items, movements }) => [
      ...items.map(() => undefined),
      ...movements.map(() => ({ Code: "ConditionalCheckFailed" })),
    ]);
  const placing = placeOrder(shop, { userId, paymentMethod });
  await expect(placing).rejects.toMatchObject({
    code: "STORAGE_CONFLICT",
    message: "Too many buyers at once for the same items; try again",
    retryAfterSeconds: 1,
  });
  committing.mockRestore();
  expect((await getCart(shop, userId)).items).toMatchObject([{ product_id, quantity: 1 }]);
});
