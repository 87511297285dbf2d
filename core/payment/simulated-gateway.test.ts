import { expect, test } from "vitest";
import { chargeOf, openTestShop } from "../testing/fixtures.ts";
import type { TestPaymentMethod } from "./test-methods.ts";

const shop = openTestShop();
const { payment } = shop;

let lastKey = 0;
const newKey = () => `charge-${(lastKey += 1)}`;
const charge = (idempotencyKey: string, paymentMethod: TestPaymentMethod, amountCents = 500, ms = 10_000) =>
  payment.charge({ idempotencyKey, amountCents, paymentMethod }, AbortSignal.timeout(ms));

test("a key is charged once, however many ask at once", async () => {
  const key = newKey();
  const results = await Promise.all(
    Array.from({ length: 10 }, () => charge(key, "pm_card_visa", 500, 2_000)),
  );
  const transactions = results.map((result) =>
    result.outcome === "approved" ? result.transactionId : "declined",
  );
  expect(new Set(transactions).size).toBe(1);
  expect(transactions[0]).toMatch(/^txn_/);
});

test("a decline is remembered too", async () => {
  const key = newKey();
  const first = await charge(key, "pm_card_chargeDeclined");
  expect(first).toMatchObject({ outcome: "declined", declineCode: "card_declined", attempts: 1 });
  expect(await charge(key, "pm_card_chargeDeclined")).toMatchObject({ ...first, attempts: 2 });
});

test("a known key for another amount or method is refused", async () => {
  const key = newKey();
  await charge(key, "pm_card_visa");
  await expect(charge(key, "pm_card_visa", 501)).rejects.toMatchObject({ reason: "unavailable" });
  await expect(charge(key, "pm_card_chargeDeclined")).rejects.toMatchObject({ reason: "unavailable" });
});

test("silence after the charge: the money moved, and the next request learns it", async () => {
  const key = newKey();
  const caller = new AbortController();
  const request = { idempotencyKey: key, amountCents: 500, paymentMethod: "pm_timeout_after_charge" };
  const charging = expect(payment.charge(request, caller.signal)).rejects.toMatchObject({
    reason: "timeout",
  });
  await expect
    .poll(async () => (await chargeOf(shop, key))?.outcome, { timeout: 10_000, interval: 10 })
    .toBe("approved");
  caller.abort(new DOMException("Too late", "TimeoutError"));
  await charging;
  expect(await charge(key, "pm_timeout_after_charge")).toMatchObject({ outcome: "approved", attempts: 2 });
});

test("silence before the charge: nothing moved until it is asked again", async () => {
  const key = newKey();
  await expect(charge(key, "pm_timeout_before_charge", 500, 300)).rejects.toMatchObject({
    reason: "timeout",
  });
  expect(await payment.cancel(key, AbortSignal.timeout(10_000))).toEqual({ outcome: "cancelled" });
});

test("a failing processor is unavailable at once", async () => {
  await expect(charge(newKey(), "pm_processor_down")).rejects.toMatchObject({ reason: "unavailable" });
});

test("cancelling what was charged tells of the charge", async () => {
  const key = newKey();
  const charged = await charge(key, "pm_card_visa");
  const cancelled = await payment.cancel(key, AbortSignal.timeout(10_000));
  expect(cancelled).toMatchObject({ outcome: "approved", amountCents: 500 });
  expect(charged).toMatchObject({ outcome: "approved" });
});

test("that the processor's books can't be kept is no trouble of the processor", async () => {
  const shop = openTestShop();
  const expiresAt = shop.now() + 60_000;
  shop.resilience.faults.set("dynamodb", { failureRate: 1, latencyMs: 0, kind: "error", expiresAt });
  for (let i = 0; i < 20; i++) {
    const request = { idempotencyKey: newKey(), amountCents: 500, paymentMethod: "pm_card_visa" } as const;
    await expect(shop.payment.charge(request, AbortSignal.timeout(10_000))).rejects.toMatchObject({
      reason: "unavailable",
    });
  }
  expect(shop.resilience.circuits.payment.stats()).toMatchObject({ state: "closed", total_failures: 0 });
});

test("a refund is of what was charged, and changes nothing a second time", async () => {
  const [key, declined] = [newKey(), newKey()];
  await charge(key, "pm_card_visa");
  await charge(declined, "pm_card_chargeDeclined");
  const refund = (idempotencyKey: string) => payment.refund(idempotencyKey, AbortSignal.timeout(10_000));
  expect(await refund(key)).toMatchObject({ outcome: "refunded" });
  const { refunded_at } = (await chargeOf(shop, key)) ?? {};
  expect(await refund(key)).toMatchObject({ outcome: "refunded" });
  expect(await chargeOf(shop, key)).toMatchObject({ outcome: "approved", refunded_at });
  expect(await refund(declined)).toEqual({ outcome: "uncharged" });
  expect(await refund(newKey())).toEqual({ outcome: "uncharged" });
});
