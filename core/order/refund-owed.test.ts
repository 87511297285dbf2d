import { beforeEach, expect, test, vi } from "vitest";
import { PaymentGatewayError, type RefundResult } from "../payment/gateway.ts";
import { allItems, openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { checkout } from "./checkout.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { placeOrder } from "./place.ts";
import { REFUND_RUNBOOK, refundOwed, refundUnpaid } from "./refund.ts";
import { failOrder } from "./settle.ts";

const NOW = Date.parse("2026-11-27T10:00:00Z");
const AT = new Date(NOW).toISOString();
const CENTS = 1_999;

const shop = openTestShop({ clock: () => NOW });
const [warn, error] = [vi.spyOn(shop.log, "warn"), vi.spyOn(shop.log, "error")];
const asking = vi.spyOn(shop.payment, "refund");
beforeEach(() => {
  for (const spy of [warn, error, asking]) spy.mockReset();
});

const answering = (result: RefundResult): void => void asking.mockResolvedValueOnce(result);
const failing = (failure: Error): void => void asking.mockRejectedValueOnce(failure);

/** An order that ended without payment, as far as the shop knew. */
const endedOrder = async (status: "payment_failed" | "cancelled" = "cancelled"): Promise<OrderItem> => {
  const userId = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  const order = (await placeOrder(shop, { userId, paymentMethod: "pm_card_visa" })) as OrderItem;
  await failOrder(shop, order, status, "test");
  return readOrder(shop, order.order_id);
};

test("an order that is paid or still to be paid is owed nothing, and not even read", async () => {
  const userId = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  const { order: paid } = await checkout(shop, { userId, paymentMethod: "pm_card_visa" });
  const send = vi.spyOn(shop.db, "send");
  for (const status of ["confirmed", "fulfilled", "pending_payment"] as const)
    await refundUnpaid(shop, { ...paid, status });
  expect(send).not.toHaveBeenCalled();
  send.mockRestore();
  expect(asking).not.toHaveBeenCalled();
});

test.each(["payment_failed", "cancelled"] as const)(
  "the charge of one that is %s is given back, and logged",
  async (status) => {
    const { order_id } = await endedOrder(status);
    answering({ outcome: "refunded", amountCents: CENTS });
    const made = shop.metrics.total("RefundsMade");
    await refundUnpaid(shop, await readOrder(shop, order_id));
    expect((await readOrder(shop, order_id)).refund).toEqual({ status: "full", cents: CENTS, at: AT });
    expect(shop.metrics.total("RefundsMade")).toBe(made + 1);
    expect(warn.mock.calls).toEqual([["refunded an order that ended without payment", { order_id, status }]]);
    await refundUnpaid(shop, await readOrder(shop, order_id));
    expect(asking).toHaveBeenCalledTimes(1);
  },
);

test("a refund that fails is owed, and recovery's once this attempt has had its time", async () => {
  const order = await endedOrder();
  failing(new PaymentGatewayError("timeout"));
  await refundUnpaid(shop, order);
  expect(await readOrder(shop, order.order_id)).toMatchObject({
    refund: { status: "pending", cents: CENTS, at: AT },
    settle_after: NOW + shop.config.payment.timeout + 1_000,
    settle_attempts: 0,
  });
  expect(warn.mock.calls).toEqual([
    ["a refund failed and is left to recovery", { order_id: order.order_id, reason: "timeout" }],
  ]);
});

test("a defect on the way to a refund is no failure of the processor", async () => {
  const order = await endedOrder();
  const send = vi.spyOn(shop.db, "send").mockRejectedValueOnce(new TypeError("of the storage"));
  await expect(refundUnpaid(shop, order)).rejects.toThrow("of the storage");
  send.mockRestore();
  expect(asking).not.toHaveBeenCalled();
  failing(new TypeError("of the gateway"));
  await expect(refundUnpaid(shop, order)).rejects.toThrow("of the gateway");
  expect(warn).not.toHaveBeenCalled();
});

test("where nothing was charged, nothing is owed any more", async () => {
  const order = await endedOrder();
  answering({ outcome: "uncharged" });
  await refundUnpaid(shop, order);
  const { refund, pending_bucket, settle_after } = await readOrder(shop, order.order_id);
  expect([refund, pending_bucket, settle_after]).toEqual([undefined, undefined, undefined]);
  answering({ outcome: "uncharged" });
  expect(await refundOwed(shop, order)).toBe(true);
});

test("one that is refused for good is a person's, logged and counted once", async () => {
  const order = await endedOrder();
  const { order_id } = order;
  const refused = shop.metrics.total("RefundsRefused");
  answering({ outcome: "refused", reason: "charge_disputed" });
  await refundUnpaid(shop, order);
  expect((await readOrder(shop, order_id)).refund).toEqual({ status: "failed", cents: CENTS, at: AT });
  answering({ outcome: "refused", reason: "charge_disputed" });
  expect(await refundOwed(shop, await readOrder(shop, order_id))).toBe(false);
  expect(error.mock.calls).toEqual([
    [
      "a refund is refused for good",
      { order_id, status: "cancelled", reason: "charge_disputed", runbook: REFUND_RUNBOOK },
    ],
  ]);
  expect(shop.metrics.total("RefundsRefused")).toBe(refused + 1);
  const letters = (await allItems(shop, "deadLetters")).filter(
    ({ record_id }) => record_id === `refund-${order_id}`,
  );
  expect(letters).toMatchObject([{ reason: expect.stringContaining("(charge_disputed)") }]);
});
