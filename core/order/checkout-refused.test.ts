import { DeleteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { addToCart, getCart, readCart, removeCartLine } from "../cart/cart.ts";
import { giveBack, startCart } from "../cart/cart-item.ts";
import { cartUpdate } from "../cart/change.ts";
import { getProduct } from "../catalog/catalog.ts";
import type { TestPaymentMethod } from "../payment/test-methods.ts";
import { stockId } from "../stock/counters.ts";
import { getStock } from "../stock/stock.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { checkout } from "./checkout.ts";
import { presentCheckout } from "./checkout-answer.ts";

const shop = openTestShop();

const buy = (userId: string, paymentMethod: TestPaymentMethod = "pm_card_visa", idempotencyKey?: string) =>
  checkout(shop, { userId, paymentMethod, idempotencyKey });

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
