import { QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test, vi } from "vitest";
import { getCart } from "../cart/cart.ts";
import { getStock } from "../stock/stock.ts";
import type { Reservation } from "../stock/stock-line.ts";
import { transact } from "../storage/transact.ts";
import { allItems, openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { releaseStock } from "../testing/stock-movements.ts";
import { getOrder } from "./order.ts";
import { placeOrder } from "./place.ts";
import { recoverOrders } from "./recovery.ts";

test("a declined order whose reservation is gone ends as well, and a person is notified", async () => {
  const shop = openTestShop();
  const [product, other] = [await stockedProduct(shop, 5), await stockedProduct(shop, 5)];
  const user = await userWithCart(shop, [product, 2], [other, 1]);
  const order = await placeOrder(shop, { userId: user, paymentMethod: "pm_card_chargeDeclined" });
  const [reservation] = (order?.reservations ?? []) as [Reservation];
  await transact(shop.db, [releaseStock(shop, reservation)]);
  shop.advance(60_000);
  expect(await recoverOrders(shop)).toMatchObject({ settled: 1, failed: 0 });
  expect(await getOrder(shop, order?.order_id ?? "")).toMatchObject({ status: "payment_failed" });
  for (const id of [product, other]) {
    expect(await getStock(shop, id)).toMatchObject({ available: 5, reserved: 0 });
  }
  expect((await getCart(shop, user)).items).toHaveLength(2);
  const letters = await allItems(shop, "deadLetters");
  expect(letters.filter(({ record_id }) => record_id === order?.order_id)).toHaveLength(1);
});

describe("a run", () => {
  /** One bucket can't be read; the charges of the others take their time. */
  const withUnreadableBucket = async () => {
    const shop = openTestShop();
    const orders = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const user = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
        return placeOrder(shop, { userId: user, paymentMethod: "pm_card_visa" });
      }),
    );
    shop.advance(60_000);
    const unreadable = orders[0]?.pending_bucket;
    const { send } = shop.db;
    vi.spyOn(shop.db, "send").mockImplementation((async (command: { input: QueryCommandInput }) => {
      const bucket = command.input.ExpressionAttributeValues?.[":bucket"];
      if (command instanceof QueryCommand && bucket === unreadable) throw new Error("no such index");
      return send(command as never);
    }) as unknown as typeof send);
    const charge = vi.spyOn(shop.payment, "charge");
    return { shop, charge, others: orders.filter((order) => order?.pending_bucket !== unreadable) };
  };

  test("does all other buckets when one can't be read, and says so", async () => {
    const { shop, charge, others } = await withUnreadableBucket();
    const report = await recoverOrders(shop);
    expect(report).toMatchObject({ unreadBuckets: 1, failed: 0 });
    expect(report.settled).toBe(others.length);
    for (const order of others) {
      expect(await getOrder(shop, order?.order_id ?? "")).toMatchObject({ status: "confirmed" });
    }
    // Nothing goes on that nobody waits for.
    await Promise.all(charge.mock.results.map(({ value }) => value));
    expect(charge).toHaveBeenCalledTimes(others.length);
  });

  test("begins nothing when its time is up", async () => {
    const shop = openTestShop();
    const user = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
    const order = await placeOrder(shop, { userId: user, paymentMethod: "pm_card_visa" });
    shop.advance(60_000);
    const charge = vi.spyOn(shop.payment, "charge");
    await recoverOrders(shop, 0);
    expect(charge).not.toHaveBeenCalled();
    await recoverOrders(shop);
    expect(await getOrder(shop, order?.order_id ?? "")).toMatchObject({ status: "confirmed" });
  });
});
