import { TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test, vi } from "vitest";
import { transact } from "../storage/transact.ts";
import { openTestShop, stockedProduct } from "../testing/fixtures.ts";
import { releaseStock, reserveStock, sellStock } from "../testing/stock-movements.ts";
import { readCounters, readLayout } from "./read-counters.ts";
import { getStock, setStock } from "./stock.ts";

const shop = openTestShop();

test("pieces move from available to reserved to sold, or back", async () => {
  const product_id = await stockedProduct(shop, 10);
  await transact(shop.db, [reserveStock(shop, { product_id, shard: 0, quantity: 4 })]);
  expect(await getStock(shop, product_id)).toEqual({ product_id, available: 6, reserved: 4, sold: 0 });
  await transact(shop.db, [sellStock(shop, { product_id, shard: 0, quantity: 3 })]);
  await transact(shop.db, [releaseStock(shop, { product_id, shard: 0, quantity: 1 })]);
  expect(await getStock(shop, product_id)).toEqual({ product_id, available: 7, reserved: 0, sold: 3 });
});

test("no counter goes below zero", async () => {
  const product_id = await stockedProduct(shop, 2);
  for (const movement of [reserveStock, releaseStock, sellStock]) {
    expect(await transact(shop.db, [movement(shop, { product_id, shard: 0, quantity: 3 })])).toEqual([
      expect.anything(),
    ]);
  }
  expect(await getStock(shop, product_id)).toEqual({ product_id, available: 2, reserved: 0, sold: 0 });
});

test("setting what is available keeps what is reserved", async () => {
  const product_id = await stockedProduct(shop, 5);
  await transact(shop.db, [reserveStock(shop, { product_id, shard: 0, quantity: 2 })]);
  expect(await setStock(shop, product_id, { available: 50 })).toEqual({
    product_id,
    available: 50,
    reserved: 2,
    sold: 0,
  });
});

test("an unknown product has no stock to read or set", async () => {
  await expect(getStock(shop, 9)).rejects.toMatchObject({ code: "PRODUCT_NOT_FOUND" });
  await expect(setStock(shop, 9, { available: 1 })).rejects.toMatchObject({ code: "PRODUCT_NOT_FOUND" });
});

test("split stock is shown in one sum and set in equal parts", async () => {
  const product_id = await stockedProduct(shop, 5);
  expect(await setStock(shop, product_id, { available: 10, shards: 4 })).toEqual({
    product_id,
    available: 10,
    reserved: 0,
    sold: 0,
    shards: 4,
  });
  expect(await availableByShard(product_id)).toEqual([3, 3, 2, 2]);
  await setStock(shop, product_id, { available: 8 });
  expect(await availableByShard(product_id)).toEqual([2, 2, 2, 2]);
});

test("reserved pieces outlive a split and its undoing", async () => {
  const product_id = await stockedProduct(shop, 0);
  await setStock(shop, product_id, { available: 4, shards: 4 });
  await transact(shop.db, [reserveStock(shop, { product_id, shard: 3, quantity: 1 })]);
  expect(await setStock(shop, product_id, { available: 7, shards: 1 })).toEqual({
    product_id,
    available: 7,
    reserved: 1,
    sold: 0,
  });
  await transact(shop.db, [releaseStock(shop, { product_id, shard: 3, quantity: 1 })]);
  expect(await getStock(shop, product_id)).toMatchObject({ available: 8, reserved: 0 });
});

test("stock that is split and set by many at once is as one of them has set it", async () => {
  const product_id = await stockedProduct(shop, 1);
  const levels = [1, 16, 4, 2, 8].map((shards, i) => ({ available: 100 + i, shards }));
  const outcomes = await Promise.allSettled(levels.map((level) => setStock(shop, product_id, level)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).not.toHaveLength(0);
  const { available, shards } = await getStock(shop, product_id);
  expect(levels.map((level) => `${level.available} in ${level.shards}`)).toContain(
    `${available} in ${shards ?? 1}`,
  );
});

const availableByShard = async (product_id: number): Promise<number[]> => {
  const counters = await readCounters(shop, new Map([[product_id, await readLayout(shop, product_id)]]));
  return counters.toSorted((a, b) => a.shard - b.shard).map(({ available }) => available);
};

test("setting stock gives up after others have split it before each attempt", async () => {
  const product_id = await stockedProduct(shop, 4);
  const send = shop.db.send.bind(shop.db);
  let shards = 1;
  const splitFirst = async (...call: Parameters<typeof send>) => {
    if (call[0] instanceof TransactWriteCommand) {
      shards += 1;
      await send(
        new UpdateCommand({
          TableName: shop.tables.products,
          Key: { product_id },
          UpdateExpression: "SET stock_layout = :layout",
          ExpressionAttributeValues: { ":layout": { shards, made: shards } },
        }),
      );
    }
    return send(...call);
  };
  const spy = vi.spyOn(shop.db, "send").mockImplementation(splitFirst as typeof send);
  await expect(setStock(shop, product_id, { available: 9 })).rejects.toMatchObject({
    code: "STORAGE_CONFLICT",
    message: "The stock of this product is being split by others; try again",
    retryAfterSeconds: 1,
  });
  spy.mockRestore();
  expect(await getStock(shop, product_id)).toMatchObject({ available: 4, shards });
});
