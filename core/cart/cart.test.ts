import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test, vi } from "vitest";
import { putProduct } from "../catalog/catalog.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { openShop } from "../testing/open-shop.ts";
import { addToCart, getCart, removeCartLine, seeCart, setCartLine } from "./cart.ts";
import { MAX_LINE_QUANTITY, MAX_LINES } from "./cart-item.ts";

const shop = openTestShop();

test("an unknown user has an empty cart", async () => {
  expect(await getCart(shop, "nobody")).toEqual({
    user_id: "nobody",
    items: [],
    total: 0,
    updated_at: null,
    version: 0,
  });
});

test("50 parallel additions of one product to a new cart all count", async () => {
  const product_id = await stockedProduct(shop, 100);
  await Promise.all(Array.from({ length: 50 }, () => addToCart(shop, "crowd", { product_id, quantity: 1 })));
  const cart = await getCart(shop, "crowd");
  expect(cart.items).toEqual([{ product_id, quantity: 50, price: 19.99 }]);
  expect(cart.version).toBe(50);
});

test("parallel additions of different products all count", async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => stockedProduct(shop, 10)));
  await Promise.all(ids.map((product_id) => addToCart(shop, "mixed", { product_id, quantity: 2 })));
  const cart = await getCart(shop, "mixed");
  expect(cart.items.map(({ product_id }) => product_id)).toEqual(ids.toSorted((a, b) => a - b));
  expect(cart.items.every(({ quantity }) => quantity === 2)).toBe(true);
});

test("totals are exact where binary fractions are not", async () => {
  const dime = await stockedProduct(shop, 10, 0.1);
  const user = await userWithCart(shop, [dime, 3]);
  expect((await getCart(shop, user)).total).toBe(0.3);
});

test("a cart shows the price of now", async () => {
  const product_id = await stockedProduct(shop, 10, 5);
  const user = await userWithCart(shop, [product_id, 2]);
  await putProduct(shop, {
    product_id,
    sku: "S",
    manufacturer: "M",
    category_id: 1,
    weight: 1,
    some_other_id: 1,
    price: 7,
  });
  expect((await getCart(shop, user)).total).toBe(14);
});

test("an unknown product is not added", async () => {
  await expect(addToCart(shop, "explorer", { product_id: 7, quantity: 1 })).rejects.toMatchObject({
    code: "PRODUCT_NOT_FOUND",
  });
  expect((await getCart(shop, "explorer")).items).toEqual([]);
});

test("a quantity can be set and removed, but only of what is in the cart", async () => {
  const [inside, outside] = [await stockedProduct(shop, 10), await stockedProduct(shop, 10)];
  const user = await userWithCart(shop, [inside, 1]);
  expect((await setCartLine(shop, user, { product_id: inside, quantity: 7 })).cart.items[0]?.quantity).toBe(
    7,
  );
  await expect(setCartLine(shop, user, { product_id: outside, quantity: 1 })).rejects.toMatchObject({
    code: "CART_ITEM_NOT_FOUND",
    message: `Product ${outside} is not in the cart`,
  });
  await expect(removeCartLine(shop, user, outside)).rejects.toMatchObject({ code: "CART_ITEM_NOT_FOUND" });
  expect((await removeCartLine(shop, user, inside)).cart.items).toEqual([]);
  await expect(removeCartLine(shop, "nobody", inside)).rejects.toMatchObject({ code: "CART_ITEM_NOT_FOUND" });
});

test("a line and a cart have their limits, and what was there stays", async () => {
  const product_id = await stockedProduct(shop, 10);
  const user = await userWithCart(shop, [product_id, MAX_LINE_QUANTITY]);
  await expect(addToCart(shop, user, { product_id, quantity: 1 })).rejects.toMatchObject({
    code: "CART_LIMIT_EXCEEDED",
    message: "A cart holds at most 50 different products and 10000 pieces of each",
  });
  for (let line = 1; line < MAX_LINES; line++) {
    await addToCart(shop, user, { product_id: await stockedProduct(shop, 1), quantity: 1 });
  }
  const oneMore = await stockedProduct(shop, 1);
  await expect(addToCart(shop, user, { product_id: oneMore, quantity: 1 })).rejects.toMatchObject({
    code: "CART_LIMIT_EXCEEDED",
  });
  const cart = await getCart(shop, user);
  expect(cart.items).toHaveLength(MAX_LINES);
  expect(cart.items[0]?.quantity).toBe(MAX_LINE_QUANTITY);
});

test("a cart expires after seven idle days though its item is still stored", async () => {
  const late = openTestShop();
  const product_id = await stockedProduct(late, 10);
  const user = await userWithCart(late, [product_id, 3]);
  late.advance(7 * 24 * 3_600_000 - 60_000);
  expect((await getCart(late, user)).items).toHaveLength(1);
  late.advance(2 * 60_000);
  expect((await getCart(late, user)).items).toEqual([]);
  await expect(setCartLine(late, user, { product_id, quantity: 1 })).rejects.toMatchObject({
    code: "CART_ITEM_NOT_FOUND",
  });
  const { cart: renewed } = await addToCart(late, user, { product_id, quantity: 1 });
  expect(renewed.items).toEqual([{ product_id, quantity: 1, price: 19.99 }]);
});

test("while storage refuses, a cart is shown as it was seen last, and one never seen is refused", async () => {
  const other = openTestShop();
  const product_id = await stockedProduct(shop, 10);
  const user = await userWithCart(shop, [product_id, 2]);
  const { cart, isStale } = await seeCart(other, user);
  expect(isStale).toBe(false);
  other.resilience.faults.set("dynamodb", {
    failureRate: 1,
    latencyMs: 0,
    kind: "error",
    expiresAt: other.now() + 60_000,
  });
  expect(await seeCart(other, user)).toEqual({ cart, isStale: true });
  await expect(seeCart(other, "never-seen")).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  other.resilience.faults.set("dynamodb", undefined);
});

test("a product that is gone is named, not priced at nothing nor hidden behind an older cart", async () => {
  const user = await userWithCart(shop, [await stockedProduct(shop, 10), 1]);
  expect(shop.lastCarts.recall(user)).toBeDefined();
  await shop.db.send(
    new UpdateCommand({
      TableName: shop.tables.carts,
      Key: { user_id: user },
      UpdateExpression: "SET quantities.#gone = :one",
      ExpressionAttributeNames: { "#gone": "8" },
      ExpressionAttributeValues: { ":one": 1 },
    }),
  );
  // On a slow machine storage may seem silent for a moment.
  await vi.waitFor(async () => {
    await expect(seeCart(shop, user)).rejects.toMatchObject({ code: "PRODUCT_NOT_FOUND" });
  }, 30_000);
});

test("while storage answers nobody, the last cart is shown before the call's time is up", async () => {
  const { dynamodb } = shop.config;
  const patient = openShop({ ...shop.config, dynamodb: { ...dynamodb, requestTimeout: 60_000 } });
  const id = await stockedProduct(patient, 10);
  const user = await userWithCart(patient, [id, 2]);
  const before = await vi.waitFor(async () => {
    const seen = await seeCart(patient, user);
    expect(seen.isStale).toBe(false);
    return seen;
  }, 30_000);
  patient.resilience.faults.set("dynamodb", {
    failureRate: 1,
    latencyMs: 0,
    kind: "hang",
    expiresAt: patient.now() + 60_000,
  });
  expect(await seeCart(patient, user)).toEqual({ cart: before.cart, isStale: true });
  // The call itself is still waiting.
  expect(patient.metrics.total("Retries")).toBe(0);
  patient.resilience.faults.set("dynamodb", undefined);
});
