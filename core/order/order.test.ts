import { expect, test, vi } from "vitest";
import { openTestShop } from "../testing/fixtures.ts";
import { STORED_ORDER } from "../testing/stored-order.ts";
import { getOrder, type OrderItem, orderFromItem, readOrder } from "./order.ts";

const AT = "2026-11-27T10:00:00.000Z";
const shop = openTestShop();

const { order_id: ORDER_ID } = STORED_ORDER;
const item: OrderItem = { ...STORED_ORDER, status: "cancelled", updated_at: AT };
const shown = {
  order_id: ORDER_ID,
  user_id: "alice",
  items: [{ product_id: 7, quantity: 2, price: 19.99 }],
  total: 39.98,
  status: "cancelled",
  created_at: STORED_ORDER.created_at,
  updated_at: AT,
};

test("an order is shown without what the shop keeps for itself", () => {
  expect(orderFromItem(item)).toEqual(shown);
});

test("and with what came of its pieces and its money, where there is something", () => {
  const not_restored = [{ product_id: 7, quantity: 1 }];
  const refund = { status: "full", cents: 3_998, at: AT } as const;
  const dispute = { id: "dp_1", status: "lost", cents: 500, at: AT, reason: "general" } as const;
  expect(orderFromItem({ ...item, not_restored, refund, dispute })).toEqual({
    ...shown,
    not_restored,
    refund: { status: "full", amount: 39.98, updated_at: AT },
    dispute: { status: "lost", amount: 5, updated_at: AT },
  });
});

test("an id that no order can have is not looked up", async () => {
  const send = vi.spyOn(shop.db, "send");
  await expect(getOrder(shop, "rubbish")).rejects.toMatchObject({
    code: "ORDER_NOT_FOUND",
    message: "There is no order rubbish",
  });
  expect(send).not.toHaveBeenCalled();
  send.mockRestore();
});

test("an order is read as it is now, and one that is not there is named", async () => {
  const send = vi.spyOn(shop.db, "send");
  await expect(readOrder(shop, ORDER_ID)).rejects.toMatchObject({
    code: "ORDER_NOT_FOUND",
    message: `There is no order ${ORDER_ID}`,
  });
  expect(send.mock.calls[0]?.[0].input).toMatchObject({ ConsistentRead: true });
  send.mockRestore();
});
