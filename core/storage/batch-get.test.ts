import { expect, test } from "vitest";
import { openTestShop, stockedProduct } from "../testing/fixtures.ts";
import { batchGet } from "./batch-get.ts";
import type { Database } from "./database.ts";

const shop = openTestShop();
const keysUpTo = (count: number) => Array.from({ length: count }, (_, i) => ({ product_id: i + 1 }));

test("more keys than one call takes are read in several; absent ones are absent", async () => {
  const product = await stockedProduct(shop, 1);
  const before = shop.metrics.total("DynamoDBCalls", (operation) => operation === "BatchGetItem");
  const items = await batchGet(shop.db, shop.tables.products, [...keysUpTo(249), { product_id: product }]);
  expect(items).toMatchObject([{ product_id: product }]);
  expect(shop.metrics.total("DynamoDBCalls", (operation) => operation === "BatchGetItem") - before).toBe(3);
});

test("keys that DynamoDB leaves over are asked for again", async () => {
  const asked: number[] = [];
  const stingy = {
    send: async ({ input }: { input: { RequestItems: { t: { Keys: object[] } } } }) => {
      const [first, ...rest] = input.RequestItems.t.Keys;
      asked.push(rest.length + 1);
      return { Responses: { t: [first] }, UnprocessedKeys: rest.length > 0 ? { t: { Keys: rest } } : {} };
    },
  } as unknown as Database;
  expect(await batchGet(stingy, "t", keysUpTo(3))).toEqual(keysUpTo(3));
  expect(asked).toEqual([3, 2, 1]);
});

test("keys that stay unprocessed are an error, not a gap", async () => {
  const busy = {
    send: async ({ input }: { input: { RequestItems: object } }) => ({ UnprocessedKeys: input.RequestItems }),
  } as unknown as Database;
  await expect(batchGet(busy, "t", keysUpTo(2))).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
});
