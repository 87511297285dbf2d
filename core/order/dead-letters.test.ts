import { expect, test, vi } from "vitest";
import { allItems, openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { checkout } from "./checkout.ts";
import { countDeadLetters, setAside, setOrderAside } from "./dead-letters.ts";
import { readOrder } from "./order.ts";

const DAY_MS = 86_400_000;
const NOW = Date.parse("2026-11-27T10:00:00.500Z");

const shop = openTestShop({ clock: () => NOW });
const told = vi.spyOn(shop.log, "error");

const letterOf = async (recordId: string) =>
  (await allItems(shop, "deadLetters")).find(({ record_id }) => record_id === recordId);

test("a record that can't be processed is kept for thirty days, with its reason, counted and told", async () => {
  await setAside(shop, "record-1", "it names no order", { eventID: "1" });
  expect(await letterOf("record-1")).toEqual({
    record_id: "record-1",
    reason: "it names no order",
    record: '{"eventID":"1"}',
    at: "2026-11-27T10:00:00.500Z",
    expires_at: Math.floor((NOW + 30 * DAY_MS) / 1_000),
  });
  expect(shop.metrics.total("DeadLetters")).toBe(1);
  expect(told.mock.calls).toEqual([
    ["set aside for a person", { record_id: "record-1", reason: "it names no order" }],
  ]);
  await setAside(shop, "record-1", "it names no order", { eventID: "1" });
  expect(await countDeadLetters(shop)).toBe(1);
});

test("a letter without a record has none", async () => {
  await setAside(shop, "record-2", "no record");
  expect(Object.keys((await letterOf("record-2")) ?? {}).sort()).toEqual([
    "at",
    "expires_at",
    "reason",
    "record_id",
  ]);
});

test("an order that can't be fulfilled is looked at again a day later, and is counted once", async () => {
  const userId = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  const { order } = await checkout(shop, { userId, paymentMethod: "pm_card_visa" });
  const before = shop.metrics.total("DeadLetters");
  await setOrderAside(shop, order.order_id, "its stock is not reserved");
  expect(await readOrder(shop, order.order_id)).toMatchObject({
    status: "confirmed",
    set_aside_at: "2026-11-27T10:00:00.500Z",
    settle_after: NOW + DAY_MS,
    pending_bucket: expect.any(Number),
  });
  expect(await letterOf(order.order_id)).toMatchObject({ reason: "its stock is not reserved" });
  expect(shop.metrics.total("DeadLetters")).toBe(before + 1);
});

test("an id without a confirmed order gets its letter alone", async () => {
  const before = shop.metrics.total("DeadLetters");
  await setOrderAside(shop, "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC", "it does not exist", { eventID: "2" });
  expect(await letterOf("ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC")).toMatchObject({ record: '{"eventID":"2"}' });
  expect(await allItems(shop, "orders")).not.toContainEqual(
    expect.objectContaining({ order_id: "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC" }),
  );
  expect(shop.metrics.total("DeadLetters")).toBe(before + 1);
});
