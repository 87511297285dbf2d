import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { openTestShop, stockedProduct } from "../testing/fixtures.ts";
import { stockId } from "./counters.ts";
import { drawFromAll, MAX_RESERVATIONS, refuseScattered, refuseSoldOut } from "./reserve.ts";
import { setStock } from "./stock.ts";

const shop = openTestShop();

/** A product whose counters hold these pieces, and its line. */
const lineOver = async (levels: readonly number[], quantity: number) => {
  const product_id = await stockedProduct(shop, 0);
  await setStock(shop, product_id, { available: 0, shards: levels.length });
  for (const [shard, available] of levels.entries()) {
    await shop.db.send(
      new UpdateCommand({
        TableName: shop.tables.stock,
        Key: { stock_id: stockId(product_id, shard) },
        UpdateExpression: "SET available = :available",
        ExpressionAttributeValues: { ":available": available },
      }),
    );
  }
  return { product_id, quantity, layout: { shards: levels.length, made: levels.length } };
};

const taken = async (levels: readonly number[], quantity: number) => {
  const plan = await drawFromAll(shop, [await lineOver(levels, quantity)]);
  return plan.map((reservation) => [reservation.shard, reservation.quantity]);
};

describe("a plan over all counters", () => {
  test("takes a line from the one counter that has just enough", async () => {
    expect(await taken([1, 5, 2], 5)).toEqual([[1, 5]]);
  });

  test("draws among the counters that have enough", async () => {
    const line = await lineOver([3, 2, 4], 3);
    const plans = await Promise.all(Array.from({ length: 40 }, () => drawFromAll(shop, [line])));
    for (const plan of plans) expect(plan).toHaveLength(1);
    // Forty draws between two counters miss one of them in 2 of 2^40 runs.
    expect(new Set(plans.flatMap((plan) => plan.map(({ shard }) => shard)))).toEqual(new Set([0, 2]));
  });

  test("empties the fullest counters first, and leaves the others alone", async () => {
    expect(await taken([2, 4, 3, 1], 6)).toEqual([
      [1, 4],
      [2, 2],
    ]);
    expect(await taken([1, 2], 3)).toEqual([
      [1, 2],
      [0, 1],
    ]);
  });

  test("lists all short lines, counts the refusal and remembers the products", async () => {
    const [first, second] = [await lineOver([1, 1], 3), await lineOver([0], 1)];
    const refusals = shop.metrics.total("OrdersSoldOut");
    const refusal = {
      code: "OUT_OF_STOCK",
      message: `Not enough in stock of product ${first.product_id}, ${second.product_id}`,
      details: [
        { product_id: first.product_id, requested: 3, available: 2 },
        { product_id: second.product_id, requested: 1, available: 0 },
      ],
    };
    await expect(drawFromAll(shop, [first, await lineOver([9], 1), second])).rejects.toMatchObject(refusal);
    expect(shop.metrics.total("OrdersSoldOut")).toBe(refusals + 1);
    expect(() => refuseSoldOut(shop, [first, second])).toThrow(expect.objectContaining(refusal));
  });
});

test("a plan on more counters than a transaction takes is refused, to be tried with less", () => {
  const plan = Array.from({ length: MAX_RESERVATIONS }, (_, shard) => ({
    product_id: 7,
    shard,
    quantity: 1,
  }));
  expect(() => refuseScattered(plan)).not.toThrow();
  expect(() => refuseScattered([...plan, { product_id: 8, shard: 0, quantity: 1 }])).toThrow(
    expect.objectContaining({
      code: "STORAGE_CONFLICT",
      message: "The last pieces are scattered over too many counters; buy less at once",
      retryAfterSeconds: 1,
    }),
  );
});
