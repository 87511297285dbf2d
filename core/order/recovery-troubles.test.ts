import { DeleteCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { expect, type MockInstance, test, vi } from "vitest";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { captureLines } from "../testing/lines.ts";
import { checkout } from "./checkout.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { placeOrder } from "./place.ts";
import { recoverOrders } from "./recovery.ts";
import { refundUnpaid } from "./refund.ts";
import { failOrder } from "./settle.ts";

const shop = openTestShop();
const error = vi.spyOn(shop.log, "error");

const unpaidOrder = async (): Promise<OrderItem> => {
  const userId = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  return (await placeOrder(shop, { userId, paymentMethod: "pm_card_visa" })) as OrderItem;
};
const paidOrder = async (): Promise<OrderItem> => {
  const userId = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  return (await checkout(shop, { userId, paymentMethod: "pm_card_visa" })).order;
};
const recover = () => {
  shop.advance(60_000);
  error.mockClear();
  return recoverOrders(shop);
};
const AGES = new Set(["PendingPaymentAge", "UnfulfilledAge", "RefundAge"]);
/** The ages that a run publishes, by their metrics. */
const agesOf = async (run: () => Promise<unknown>): Promise<string[]> => {
  const lines = captureLines();
  shop.metrics.publish();
  lines.length = 0; // Of what was before.
  await run();
  shop.metrics.publish();
  return lines.flatMap((line) => Object.keys(line).filter((name) => AGES.has(name)));
};

test("an order that the index still has, though it is gone, is nobody's failure", async () => {
  const { order_id } = await unpaidOrder();
  const { send } = shop.db;
  const sending = vi.spyOn(shop.db, "send").mockImplementation((async (command: never) => {
    const found = (await send(command)) as { Items?: { order_id: string }[] };
    const isFound =
      (command as object) instanceof QueryCommand && found.Items?.some((item) => item.order_id === order_id);
    if (isFound) await send(new DeleteCommand({ TableName: shop.tables.orders, Key: { order_id } }));
    return found;
  }) as typeof send);
  expect(new Set(Object.values(await recover()))).toEqual(new Set([0]));
  sending.mockRestore();
  expect(error).not.toHaveBeenCalled();
});

test("buckets that can't be read are counted, and the first failure is logged", async () => {
  const failure = new Error("no such index");
  const { send } = shop.db;
  const sending = vi
    .spyOn(shop.db, "send")
    .mockImplementation(((command: never) =>
      (command as object) instanceof QueryCommand ? Promise.reject(failure) : send(command)) as typeof send);
  const { unreadBuckets } = await recover();
  sending.mockRestore();
  expect(unreadBuckets).toBe(24);
  expect(error.mock.calls).toEqual([
    ["orders could not be read for recovery", { buckets: 24, error: failure }],
  ]);
});

/** Has the next run meet a defect at an order: it counts as that, and is logged with the order. */
const expectFailure = async (spy: MockInstance, order_id: string): Promise<void> => {
  const defect = new TypeError("a defect");
  spy.mockRejectedValueOnce(defect);
  const counts = { settled: 0, stillPending: 0, fulfilled: 0, setAside: 0 };
  expect(await recover()).toMatchObject({ ...counts, failed: 1 });
  spy.mockRestore();
  expect(error.mock.calls).toEqual([["recovery of an order failed", { order_id, error: defect }]]);
};

test("a defect on the way to a charge leaves its order to the next run", async () => {
  const { order_id } = await unpaidOrder();
  await expectFailure(vi.spyOn(shop.payment, "charge"), order_id);
  expect(await recover()).toMatchObject({ failed: 0, settled: 1 });
  expect(await recover()).toMatchObject({ fulfilled: 1 });
});

test("a fulfilment that storage fails is no order to be set aside", async () => {
  const { order_id } = await paidOrder();
  await expectFailure(vi.spyOn(shop.stock, "commit"), order_id);
  expect(await recover()).toMatchObject({ fulfilled: 1 });
});

test("each kind of unfinished order is published with its own age", async () => {
  await unpaidOrder();
  expect(await agesOf(recover)).toEqual(["PendingPaymentAge"]);
  expect(await agesOf(recover)).toEqual(["UnfulfilledAge"]);
  const ended = await unpaidOrder();
  await shop.payment.charge(
    { idempotencyKey: ended.order_id, amountCents: ended.total_cents, paymentMethod: "pm_card_visa" },
    AbortSignal.timeout(60_000),
  );
  await failOrder(shop, ended, "cancelled", "test");
  const refunding = vi.spyOn(shop.payment, "refund").mockRejectedValueOnce(new TypeError("a defect"));
  const owing = refundUnpaid(shop, await readOrder(shop, ended.order_id));
  await expect(owing).rejects.toThrow("a defect");
  refunding.mockRestore();
  expect(await agesOf(recover)).toEqual(["RefundAge"]);
  expect((await readOrder(shop, ended.order_id)).refund).toMatchObject({ status: "full" });
});
