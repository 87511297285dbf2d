import { PutCommand, ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test, vi } from "vitest";
import type { Reservation } from "../stock/stock-line.ts";
import { transact } from "../storage/transact.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { releaseStock, reserveStock } from "../testing/stock-movements.ts";
import { checkout } from "./checkout.ts";
import { countDeadLetters, setAside, setOrderAside } from "./dead-letters.ts";
import { fulfilOrder } from "./fulfilment.ts";
import { getOrder, readOrder } from "./order.ts";
import { placeOrder } from "./place.ts";
import { recoverOrders } from "./recovery.ts";
import { redrive } from "./redrive.ts";

const shop = openTestShop();
const run = (isDryRun = false, scansOrders = false) => redrive(shop, { isDryRun, scansOrders });
const statusOf = async (orderId: string) => (await getOrder(shop, orderId)).status;

const paidOrder = async (): Promise<string> => {
  const user = await userWithCart(shop, [await stockedProduct(shop, 5), 2]);
  return (await checkout(shop, { userId: user, paymentMethod: "pm_card_visa" })).order.order_id;
};

/** As an earlier version confirmed it: out of the index. */
const hide = (order_id: string) =>
  shop.db.send(
    new UpdateCommand({
      TableName: shop.tables.orders,
      Key: { order_id },
      UpdateExpression: "REMOVE pending_bucket, settle_after",
    }),
  );

test("leaves orders alone that the stream still has time for, and fulfils overdue ones", async () => {
  const orderId = await paidOrder();
  expect(await run()).toMatchObject({ orders: 0, fulfilled: 0 });
  shop.advance(shop.config.fulfilment.grace + 1);
  expect(await run(true)).toMatchObject({ orders: 1, fulfilled: 1 });
  expect(await statusOf(orderId)).toBe("confirmed");
  expect(await run()).toMatchObject({ orders: 1, fulfilled: 1, failed: [], unfulfillable: [] });
  expect(await statusOf(orderId)).toBe("fulfilled");
  expect(await run()).toMatchObject({ orders: 0 });
});

test("fulfils what a dead letter names, an earlier version's too, and closes it", async () => {
  const orderId = await paidOrder();
  await hide(orderId);
  const record = { eventID: "e-1", dynamodb: { Keys: { order_id: { S: orderId } } } };
  const letter = { record_id: "e-1", reason: "TypeError: a bad deployment", record: JSON.stringify(record) };
  await shop.db.send(new PutCommand({ TableName: shop.tables.deadLetters, Item: letter }));
  expect(await run(true)).toMatchObject({ fulfilled: 1, deadLetters: 1, closedDeadLetters: 1 });
  expect(await countDeadLetters(shop)).toBe(1);
  expect(await run()).toMatchObject({ fulfilled: 1, deadLetters: 1, closedDeadLetters: 1 });
  expect(await statusOf(orderId)).toBe("fulfilled");
  expect(await countDeadLetters(shop)).toBe(0);
});

test("fulfils an order that was set aside once its stock is mended, and says why it can't before", async () => {
  const orderId = await paidOrder();
  const [reservation] = (await readOrder(shop, orderId)).reservations as [Reservation];
  await transact(shop.db, [releaseStock(shop, reservation)]);
  shop.advance(shop.config.fulfilment.grace + 1);
  expect(await recoverOrders(shop)).toMatchObject({ setAside: 1 });
  expect(await run()).toMatchObject({
    fulfilled: 0,
    unfulfillable: [{ orderId, reason: expect.stringContaining("not reserved") }],
    deadLetters: 1,
    closedDeadLetters: 0,
  });
  await transact(shop.db, [reserveStock(shop, reservation)]);
  expect(await run()).toMatchObject({ fulfilled: 1, unfulfillable: [], closedDeadLetters: 1 });
});

test("an order that an earlier version confirmed is in the index once it is set aside", async () => {
  const orderId = await paidOrder();
  await hide(orderId);
  await setOrderAside(shop, orderId, "test");
  shop.advance(25 * 3_600_000);
  expect(await recoverOrders(shop)).toMatchObject({ fulfilled: 1 });
  expect(await countDeadLetters(shop)).toBe(0);
});

test("finds by a scan what is in no index and has no dead letter", async () => {
  const orderId = await paidOrder();
  await hide(orderId);
  shop.advance(shop.config.fulfilment.grace + 1);
  expect(await run()).toMatchObject({ orders: 0 });
  expect(await run(false, true)).toMatchObject({ orders: 1, fulfilled: 1 });
  expect(await statusOf(orderId)).toBe("fulfilled");
});

test("keeps dead letters that are for a person: an unpaid order's, and those that name none", async () => {
  const user = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  const order = await placeOrder(shop, { userId: user, paymentMethod: "pm_card_visa" });
  const orderId = order?.order_id ?? "";
  await setAside(shop, orderId, "by hand");
  await setAside(shop, "e-2", "names none", { dynamodb: "nonsense" });
  await setAside(shop, "e-3", "is no JSON");
  expect(await run()).toMatchObject({
    orders: 1,
    unfulfillable: [{ orderId, reason: expect.stringContaining("pending_payment") }],
    deadLetters: 3,
    closedDeadLetters: 0,
  });
  expect(await countDeadLetters(shop)).toBe(3);
});

test("a dry run says of each order what a run would do with it, and changes nothing", async () => {
  const letters = await countDeadLetters(shop);
  const [paid, done] = [await paidOrder(), await paidOrder()];
  await fulfilOrder(shop, done);
  const user = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  const unpaid = (await placeOrder(shop, { userId: user, paymentMethod: "pm_card_visa" }))?.order_id ?? "";
  const unknown = "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC";
  for (const id of [paid, done, unpaid, unknown]) await setAside(shop, id, "test");
  const seen: [number, number][] = [];
  const options = { isDryRun: true, scansOrders: false, onOrder: (...at: [number, number]) => seen.push(at) };
  const { unfulfillable, ...report } = await redrive(shop, options);
  expect(report).toEqual({
    orders: seen.length,
    fulfilled: 1,
    alreadyFulfilled: 1,
    failed: [{ orderId: unknown, reason: `There is no order ${unknown}` }],
    deadLetters: letters + 4,
    closedDeadLetters: 2,
  });
  expect(unfulfillable).toContainEqual({
    orderId: unpaid,
    reason: expect.stringContaining("its status is pending_payment"),
  });
  expect(seen).toEqual(seen.map((_, at) => [at + 1, seen.length]));
  expect(await countDeadLetters(shop)).toBe(letters + 4);
  expect(await statusOf(paid)).toBe("confirmed");
});

test("tables are read to their last page", async () => {
  const hidden = [await paidOrder(), await paidOrder(), await paidOrder()];
  for (const orderId of hidden) await hide(orderId);
  const { send } = shop.db;
  const spy = vi.spyOn(shop.db, "send").mockImplementation(((command: never) => {
    if ((command as object) instanceof ScanCommand)
      Object.assign((command as ScanCommand).input, { Limit: 1 });
    return send(command);
  }) as typeof send);
  await run(false, true);
  spy.mockRestore();
  for (const orderId of hidden) expect(await statusOf(orderId)).toBe("fulfilled");
});
