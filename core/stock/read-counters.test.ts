import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test, vi } from "vitest";
import { openTestShop, stockedProduct } from "../testing/fixtures.ts";
import type { StockLayout } from "./layout.ts";
import { readLayouts, readSteadyCounters } from "./read-counters.ts";
import { setStock } from "./stock.ts";

const shop = openTestShop();

const splitProduct = async (): Promise<number> => {
  const id = await stockedProduct(shop, 0);
  await setStock(shop, id, { available: 8, shards: 4 });
  return id;
};

/** Has others change the layout before each read of it. @param times at the most */
const changingBefore = (id: number, times: number) => {
  const { send } = shop.db;
  let layoutReads = 0;
  const change = (changes: number) =>
    send(
      new UpdateCommand({
        TableName: shop.tables.products,
        Key: { product_id: id },
        UpdateExpression: "SET stock_layout.changes = :changes",
        ExpressionAttributeValues: { ":changes": 1_000 + changes },
      }),
    );
  const spy = vi.spyOn(shop.db, "send").mockImplementation((async (command: never) => {
    const isLayoutRead = (command as object).constructor.name === "GetCommand";
    if (isLayoutRead && ++layoutReads <= times) await change(layoutReads);
    return send(command);
  }) as typeof send);
  return { end: () => spy.mockRestore(), layoutReads: () => layoutReads };
};

const steadyRead = async (id: number, times: number) => {
  const seen: ReadonlyMap<number, StockLayout> = await readLayouts(shop, [id]);
  const others = changingBefore(id, times);
  const { layouts, counters } = await readSteadyCounters(shop, seen);
  others.end();
  const available = counters.map((counter) => counter.available);
  return { reads: others.layoutReads(), changes: layouts.get(id)?.changes, available };
};

test("counters whose layout changes meanwhile are read again, five times at the most", async () => {
  const id = await splitProduct();
  const available = [2, 2, 2, 2];
  expect(await steadyRead(id, 0)).toMatchObject({ reads: 1, available });
  expect(await steadyRead(id, 2)).toEqual({ reads: 3, changes: 1_002, available });
  expect(await steadyRead(id, 1_000)).toEqual({ reads: 5, changes: 1_005, available });
});

test("layouts and counters are read as they are now, not as they were", async () => {
  const id = await splitProduct();
  const send = vi.spyOn(shop.db, "send");
  await readSteadyCounters(shop, await readLayouts(shop, [id]));
  const inputs = send.mock.calls.map(([{ input }]) => JSON.stringify(input));
  send.mockRestore();
  expect(inputs).toHaveLength(3);
  for (const input of inputs) expect(input).toContain('"ConsistentRead":true');
});
