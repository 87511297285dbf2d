import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { describe, expect, test, vi } from "vitest";
import { DomainError } from "../../core/errors.ts";
import { checkout } from "../../core/order/checkout.ts";
import { countDeadLetters } from "../../core/order/dead-letters.ts";
import { getOrder } from "../../core/order/order.ts";
import { recoverOrders } from "../../core/order/recovery.ts";
import { stockId } from "../../core/stock/counters.ts";
import { getStock } from "../../core/stock/stock.ts";
import { openTestShop, stockedProduct, userWithCart } from "../../core/testing/fixtures.ts";
import { contextOf } from "../http/event.ts";
import { testShop } from "../testing/test-shop.ts";
import { handler } from "./fulfil-orders.ts";

const shop = testShop();

let sequence = 0;

/** A stream record as Lambda hands it out: an order's status changed. Without a bucket, recovery can't find it. */
const statusChange = (orderId: string, from: string, to: string, bucket = "8"): DynamoDBRecord => {
  const number = String((sequence += 1)).padStart(21, "0");
  return {
    eventID: `event-${number}`,
    eventName: "MODIFY",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: "us-east-1",
    eventSourceARN: "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-11-22T00:00:00.000",
    dynamodb: {
      Keys: { order_id: { S: orderId } },
      OldImage: { order_id: { S: orderId }, status: { S: from } },
      NewImage: {
        order_id: { S: orderId },
        status: { S: to },
        ...(bucket && { pending_bucket: { N: bucket } }),
      },
      SequenceNumber: number,
      SizeBytes: 100,
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
  };
};

const handle = (...Records: DynamoDBRecord[]) =>
  handler.withShop(shop)({ Records }, contextOf("invocation-1", 5_000));

const paidOrder = async () => {
  const product = await stockedProduct(shop, 5);
  const user = await userWithCart(shop, [product, 2]);
  const { order } = await checkout(shop, { userId: user, paymentMethod: "pm_card_visa" });
  return { product, orderId: order.order_id };
};

const deadLetter = async (record_id: string | undefined) =>
  (await shop.db.send(new GetCommand({ TableName: shop.tables.deadLetters, Key: { record_id } }))).Item;

test("a confirmed order is fulfilled, once though its record comes again", async () => {
  const { product, orderId } = await paidOrder();
  const record = statusChange(orderId, "pending_payment", "confirmed");
  expect(await handle(record)).toEqual({ batchItemFailures: [] });
  expect(await handle(record, record)).toEqual({ batchItemFailures: [] });
  expect(await getOrder(shop, orderId)).toMatchObject({ status: "fulfilled" });
  expect(await getStock(shop, product)).toMatchObject({ available: 3, reserved: 0, sold: 2 });
});

test("other changes of orders are none of its business", async () => {
  const { orderId } = await paidOrder();
  await handle(statusChange(orderId, "", "pending_payment"), statusChange(orderId, "confirmed", "confirmed"));
  expect(await getOrder(shop, orderId)).toMatchObject({ status: "confirmed" });
});

test("poison is set aside with its reason, and the records around it are done", async () => {
  const [before, after] = [await paidOrder(), await paidOrder()];
  const unknown = statusChange("ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC", "pending_payment", "confirmed");
  const broken = statusChange("", "pending_payment", "confirmed");
  delete broken.dynamodb?.Keys;
  const already = await countDeadLetters(shop);
  const answer = await handle(
    statusChange(before.orderId, "pending_payment", "confirmed"),
    unknown,
    broken,
    statusChange(after.orderId, "pending_payment", "confirmed"),
  );
  expect(answer).toEqual({ batchItemFailures: [] });
  for (const { orderId } of [before, after]) {
    expect(await getOrder(shop, orderId)).toMatchObject({ status: "fulfilled" });
  }
  expect(await countDeadLetters(shop)).toBe(already + 2);
  expect(await deadLetter("ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC")).toMatchObject({
    reason: expect.stringContaining("does not exist"),
    record: JSON.stringify(unknown),
  });
  expect(await deadLetter(broken.eventID)).toMatchObject({ record: JSON.stringify(broken) });
});

test("an order whose reservation is gone is set aside rather than oversold", async () => {
  const { product, orderId } = await paidOrder();
  await shop.db.send(
    new UpdateCommand({
      TableName: shop.tables.stock,
      Key: { stock_id: stockId(product, 0) },
      UpdateExpression: "SET reserved = :none",
      ExpressionAttributeValues: { ":none": 0 },
    }),
  );
  const record = statusChange(orderId, "pending_payment", "confirmed");
  expect(await handle(record)).toEqual({ batchItemFailures: [] });
  expect(await deadLetter(orderId)).toMatchObject({ reason: expect.stringContaining("not reserved") });
  expect(await getStock(shop, product)).toMatchObject({ available: 3, reserved: 0, sold: 0 });
});

test("while storage is down a record is handed back, not set aside", async () => {
  const { orderId } = await paidOrder();
  const record = statusChange(orderId, "pending_payment", "confirmed");
  const down = vi
    .spyOn(shop.db, "send")
    .mockRejectedValue(new DomainError("STORAGE_UNAVAILABLE", "down") as never);
  const answer = await handle(record);
  down.mockRestore();
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber }] });
  expect(await deadLetter(orderId)).toBeUndefined();
  expect(await handle(record)).toEqual({ batchItemFailures: [] });
  expect(await getOrder(shop, orderId)).toMatchObject({ status: "fulfilled" });
});

describe("a defect, as a bad deployment brings it,", () => {
  const handleWithDefect = async (...records: DynamoDBRecord[]) => {
    const defect = vi
      .spyOn(shop.db, "send")
      .mockRejectedValue(new TypeError("undefined is no object") as never);
    const answer = await handle(...records);
    defect.mockRestore();
    return answer;
  };

  test("sets no order aside and holds up no other: recovery fulfils it after the roll-back", async () => {
    const { product, orderId } = await paidOrder();
    const record = statusChange(orderId, "pending_payment", "confirmed");
    expect(await handleWithDefect(record)).toEqual({ batchItemFailures: [] });
    expect(await deadLetter(orderId)).toBeUndefined();
    expect(await getOrder(shop, orderId)).toMatchObject({ status: "confirmed" });
    const later = openTestShop();
    later.advance(2 * shop.config.fulfilment.grace);
    await recoverOrders(later);
    expect(await getOrder(shop, orderId)).toMatchObject({ status: "fulfilled" });
    expect(await getStock(shop, product)).toMatchObject({ available: 3, reserved: 0, sold: 2 });
  });

  test("leaves an order to the stream that recovery can't find, as an earlier version confirmed it", async () => {
    const { orderId } = await paidOrder();
    const record = statusChange(orderId, "pending_payment", "confirmed", "");
    expect(await handleWithDefect(record)).toEqual({
      batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber }],
    });
  });
});
