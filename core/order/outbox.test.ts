import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test, vi } from "vitest";
import type { Shop } from "../shop.ts";
import { getStock } from "../stock/stock.ts";
import type { Reservation } from "../stock/stock-line.ts";
import { transact } from "../storage/transact.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { releaseStock, reserveStock } from "../testing/stock-movements.ts";
import { countOverdue } from "./backlog.ts";
import { checkout } from "./checkout.ts";
import { countDeadLetters } from "./dead-letters.ts";
import { fulfilOrder } from "./fulfilment.ts";
import { getOrder, readOrder } from "./order.ts";
import { recoverOrders } from "./recovery.ts";

const HOUR = 3_600_000;

describe("a paid order that the stream does not fulfil", () => {
  const paidOrder = async (shop: Shop) => {
    const product = await stockedProduct(shop, 5);
    const user = await userWithCart(shop, [product, 2]);
    const { order } = await checkout(shop, { userId: user, paymentMethod: "pm_card_visa" });
    return { product, orderId: order.order_id };
  };
  const isUnfinished = async (shop: Shop, orderId: string): Promise<boolean> => {
    const { pending_bucket } = await readOrder(shop, orderId);
    return pending_bucket !== undefined;
  };

  test("is fulfilled by recovery when the stream's time is up, and leaves the index", async () => {
    const shop = openTestShop();
    const { product, orderId } = await paidOrder(shop);
    await recoverOrders(shop);
    expect(await getOrder(shop, orderId)).toMatchObject({ status: "confirmed" });
    expect(await isUnfinished(shop, orderId)).toBe(true);
    shop.advance(shop.config.fulfilment.grace + 1);
    expect(await countOverdue(shop)).toBeGreaterThan(0);
    expect((await recoverOrders(shop)).fulfilled).toBeGreaterThan(0);
    expect(await getOrder(shop, orderId)).toMatchObject({ status: "fulfilled" });
    expect(await getStock(shop, product)).toMatchObject({ available: 3, reserved: 0, sold: 2 });
    expect(await isUnfinished(shop, orderId)).toBe(false);
    expect(await countOverdue(shop)).toBe(0);
  });

  test("is fulfilled once by a stream and recoveries that meet on it", async () => {
    const shop = openTestShop();
    const { product, orderId } = await paidOrder(shop);
    shop.advance(HOUR);
    await Promise.all([
      ...[1, 2, 3].map(() => fulfilOrder(shop, orderId)),
      ...[1, 2, 3].map(() => recoverOrders(shop)),
    ]);
    expect(await getStock(shop, product)).toMatchObject({ available: 3, reserved: 0, sold: 2 });
    expect(shop.metrics.total("OrdersFulfilled")).toBe(1);
  });

  test("is set aside where no retry helps, but not lost: a day after it was mended it is fulfilled", async () => {
    const shop = openTestShop();
    const { product, orderId } = await paidOrder(shop);
    const [reservation] = (await readOrder(shop, orderId)).reservations as [Reservation];
    await transact(shop.db, [releaseStock(shop, reservation)]);
    shop.advance(HOUR);
    expect(await recoverOrders(shop)).toMatchObject({ setAside: 1, fulfilled: 0 });
    expect(await countDeadLetters(shop)).toBe(1);
    expect(await recoverOrders(shop)).toMatchObject({ setAside: 0 }); // Not before tomorrow.
    expect(await countOverdue(shop)).toBe(1);
    await transact(shop.db, [reserveStock(shop, reservation)]);
    shop.advance(25 * HOUR);
    expect(await recoverOrders(shop)).toMatchObject({ fulfilled: 1 });
    expect(await countDeadLetters(shop)).toBe(0);
    expect(await getStock(shop, product)).toMatchObject({ available: 3, sold: 2 });
  });

  test("is tried again after failures of any other kind", async () => {
    const shop = openTestShop();
    const { orderId } = await paidOrder(shop);
    shop.advance(HOUR);
    const { send } = shop.db;
    const defect = vi
      .spyOn(shop.db, "send")
      .mockImplementation(((command: object) =>
        command instanceof TransactWriteCommand
          ? Promise.reject(new TypeError("a defect"))
          : send(command as never)) as typeof send);
    for (let round = 0; round < 3; round++) {
      expect(await recoverOrders(shop)).toMatchObject({ failed: 1, setAside: 0 });
      shop.advance(HOUR);
    }
    defect.mockRestore();
    expect(await recoverOrders(shop)).toMatchObject({ failed: 0, fulfilled: 1 });
    expect(await getOrder(shop, orderId)).toMatchObject({ status: "fulfilled" });
  });
});
