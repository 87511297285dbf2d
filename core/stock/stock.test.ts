import { expect, test } from "vitest";
import { transact } from "../storage/transact.ts";
import { openTestShop, stockedProduct } from "../testing/fixtures.ts";
import { getStock, releaseStock, reserveStock, sellStock, setAvailable } from "./stock.ts";

const shop = openTestShop();

test("pieces move from available to reserved to sold, or back", async () => {
  const product_id = await stockedProduct(shop, 10);
  await transact(shop.db, [reserveStock(shop, { product_id, quantity: 4 })]);
  expect(await getStock(shop, product_id)).toEqual({ product_id, available: 6, reserved: 4, sold: 0 });
  await transact(shop.db, [sellStock(shop, { product_id, quantity: 3 })]);
  await transact(shop.db, [releaseStock(shop, { product_id, quantity: 1 })]);
  expect(await getStock(shop, product_id)).toEqual({ product_id, available: 7, reserved: 0, sold: 3 });
});

test("no counter goes below zero", async () => {
  const product_id = await stockedProduct(shop, 2);
  for (const movement of [reserveStock, releaseStock, sellStock]) {
    expect(await transact(shop.db, [movement(shop, { product_id, quantity: 3 })])).toEqual([
      expect.anything(),
    ]);
  }
  expect(await getStock(shop, product_id)).toEqual({ product_id, available: 2, reserved: 0, sold: 0 });
});

test("setting what is available keeps what is reserved", async () => {
  const product_id = await stockedProduct(shop, 5);
  await transact(shop.db, [reserveStock(shop, { product_id, quantity: 2 })]);
  expect(await setAvailable(shop, product_id, 50)).toEqual({
    product_id,
    available: 50,
    reserved: 2,
    sold: 0,
  });
});

test("an unknown product has no stock to read or set", async () => {
  await expect(getStock(shop, 9)).rejects.toMatchObject({ code: "PRODUCT_NOT_FOUND" });
  await expect(setAvailable(shop, 9, 1)).rejects.toMatchObject({ code: "PRODUCT_NOT_FOUND" });
});
