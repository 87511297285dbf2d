import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test, vi } from "vitest";
import { DomainError } from "../errors.ts";
import { failAfterCharge } from "../testing/charge-faults.ts";
import { chargeOf, openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { checkout, pay } from "./checkout.ts";
import { claimOf } from "./idempotency.ts";
import { type OrderItem, readOrder } from "./order.ts";
import { placeOrder } from "./place.ts";

const NOW = Date.parse("2026-11-27T10:00:00Z");
const IN_FLIGHT = {
  code: "IDEMPOTENCY_IN_FLIGHT",
  message: "A checkout with this Idempotency-Key is still going on",
  retryAfterSeconds: 1,
};

const shop = openTestShop({ clock: () => NOW });
const warn = vi.spyOn(shop.log, "warn");

const shopper = async (): Promise<string> => userWithCart(shop, [await stockedProduct(shop, 5), 1]);

/** An order whose checkout was cut off before its payment, and the request that repeats it. */
const cutOff = async (): Promise<{ order: OrderItem; request: Parameters<typeof checkout>[1] }> => {
  const userId = await shopper();
  const payment = { userId, paymentMethod: "pm_card_visa" };
  const claim = claimOf(userId, "cut-off", { paymentMethod: "pm_card_visa" });
  const order = (await placeOrder(shop, { ...payment, claim })) as OrderItem;
  return { order, request: { ...payment, idempotencyKey: "cut-off" } };
};

test.each(["STORAGE_UNAVAILABLE", "DEADLINE_EXCEEDED"] as const)(
  "where placing the order fails with %s, that is the answer, and nothing is looked up",
  async (code) => {
    const userId = await shopper();
    const send = vi.spyOn(shop.db, "send").mockRejectedValue(new DomainError(code, "the first"));
    const buying = checkout(shop, { userId, paymentMethod: "pm_card_visa", idempotencyKey: "key" });
    await expect(buying).rejects.toMatchObject({ code, message: "the first" });
    expect(send).toHaveBeenCalledTimes(1);
    send.mockRestore();
  },
);

test("a defect on the way to an order is no refusal", async () => {
  const userId = await shopper();
  const send = vi.spyOn(shop.db, "send").mockRejectedValueOnce(new TypeError("a defect"));
  const buying = checkout(shop, { userId, paymentMethod: "pm_card_visa", idempotencyKey: "key" });
  await expect(buying).rejects.toThrow("a defect");
  expect(send).toHaveBeenCalledTimes(1);
  send.mockRestore();
});

test("a repeat takes an order over from the moment on at which its lease ends, for a request's time", async () => {
  const { order, request } = await cutOff();
  const lease = (order.settle_after ?? 0) - NOW;
  shop.advance(lease - 1);
  await expect(checkout(shop, request)).rejects.toMatchObject(IN_FLIGHT);
  shop.advance(1);
  const charge = shop.payment.charge;
  let taken: OrderItem | undefined;
  const charging = vi.spyOn(shop.payment, "charge").mockImplementation(async (...asked) => {
    taken = await readOrder(shop, order.order_id);
    return charge(...asked);
  });
  const finished = await checkout(shop, request);
  charging.mockRestore();
  expect(finished).toMatchObject({ replayed: true, answer: { status: "confirmed" } });
  expect(taken).toMatchObject({
    settle_after: shop.now() + shop.config.http.requestDeadline,
    settle_attempts: 1,
  });
  shop.advance(-lease);
});

test("of two repeats one takes the order over, and the other has to wait", async () => {
  const { order, request } = await cutOff();
  shop.advance(60_000);
  const outcomes = await Promise.allSettled([checkout(shop, request), checkout(shop, request)]);
  shop.advance(-60_000);
  const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  for (const error of refused) expect(error).toMatchObject(IN_FLIGHT);
  expect(await chargeOf(shop, order.order_id)).toMatchObject({ attempts: 1 });
  expect(await checkout(shop, request)).toMatchObject({ replayed: true, answer: { status: "confirmed" } });
});

test.each(["STORAGE_UNAVAILABLE", "STORAGE_CONFLICT"] as const)(
  "a charge whose outcome can't be written for %s leaves the order to recovery, and says so",
  async (code) => {
    const userId = await shopper();
    warn.mockClear();
    const endFault = failAfterCharge(shop, new DomainError(code, "no answer"));
    const { order, answer } = await checkout(shop, { userId, paymentMethod: "pm_card_visa" });
    endFault();
    expect(answer).toEqual({
      status: "pending_payment",
      at: new Date(NOW).toISOString(),
      payment: { transaction_id: null, status: "pending", amount: 19.99, processed_at: null, attempts: 1 },
    });
    expect(warn.mock.calls).toContainEqual([
      "payment outcome not written",
      { order_id: order.order_id, reason: "no answer" },
    ]);
  },
);

test("a processor that does not answer leaves the order to recovery, and says so", async () => {
  const userId = await shopper();
  warn.mockClear();
  const { order, answer } = await checkout(shop, { userId, paymentMethod: "pm_processor_down" });
  expect(answer.status).toBe("pending_payment");
  expect(warn.mock.calls).toContainEqual([
    "payment outcome unknown",
    { order_id: order.order_id, reason: expect.any(String) },
  ]);
});

test("a repeat of a checkout whose payment is open asks the processor for nothing", async () => {
  const userId = await shopper();
  const request = { userId, paymentMethod: "pm_processor_down", idempotencyKey: "open" };
  const { answer } = await checkout(shop, request);
  const charging = vi.spyOn(shop.payment, "charge");
  expect(await checkout(shop, request)).toMatchObject({ replayed: true, answer });
  expect(charging).not.toHaveBeenCalled();
  charging.mockRestore();
});

test("one whose order another has settled meanwhile gives the other's answer, once there is one", async () => {
  const { order } = await cutOff();
  const first = await pay(shop, order);
  expect(first.answer).toMatchObject({ status: "confirmed" });
  expect(await pay(shop, order)).toEqual({ answer: first.answer });
  await shop.db.send(
    new UpdateCommand({
      TableName: shop.tables.orders,
      Key: { order_id: order.order_id },
      UpdateExpression: "REMOVE answer",
    }),
  );
  await expect(pay(shop, order)).rejects.toMatchObject(IN_FLIGHT);
});
