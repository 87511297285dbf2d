import { expect, test } from "vitest";
import { chargingBy, newKey, requestOf, soon } from "../../../functions/testing/stripe/stripe-charges.ts";
import { openStripeShop, stripeForTests } from "../../../functions/testing/stripe/stripe-shop.ts";
import type { Operation, Trouble } from "../../../functions/testing/stripe/stripe-stand-in.ts";

const stripe = await stripeForTests();
const shop = openStripeShop(stripe);
const { payment } = shop;
const charge = chargingBy(payment);
const { statusesOf } = stripe;
const trouble = (on: Operation, kind: Trouble["kind"]) => void stripe.troubles.push({ on, kind });

test("a charge is one intent of the order, in its currency's minor units", async () => {
  const key = newKey();
  const [intent] = [await charge(key), ...stripe.intentsOf(key)].slice(1);
  expect(intent).toMatchObject({
    amount: 1_999,
    currency: "usd",
    status: "succeeded",
    metadata: { order_id: key },
  });
  expect(await charge(key)).toMatchObject({
    outcome: "approved",
    transactionId: (intent as { id: string }).id,
    amountCents: 1_999,
    attempts: 2,
  });
  expect(statusesOf(key)).toEqual(["succeeded"]);
});

test.each([
  ["pm_card_visa_chargeDeclined", "generic_decline"],
  ["pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"],
])(
  "%s is declined with the bank's reason, and nobody can pay the intent any more",
  async (method, declineCode) => {
    const key = newKey();
    expect(await charge(key, method)).toMatchObject({ outcome: "declined", declineCode });
    expect(await charge(key, method)).toMatchObject({ outcome: "declined", declineCode, attempts: 2 });
    expect(statusesOf(key)).toEqual(["canceled"]);
  },
);

test.each([
  ["pm_unknown", 1_999, "resource_missing"],
  ["pm_card_visa", 49, "amount_too_small"],
])(
  "%s for %i cents is declined: Stripe takes it neither now nor later",
  async (method, cents, declineCode) => {
    expect(await charge(newKey(), method, cents)).toMatchObject({ outcome: "declined", declineCode });
  },
);

test.each(["create", "retrieve", "confirm"] as const)("a lost answer to %s: one charge", async (on) => {
  for (const kind of ["cut before", "cut after"] as const) {
    const key = newKey();
    if (on === "retrieve") {
      trouble("confirm", "cut before");
      await expect(charge(key)).rejects.toMatchObject({ reason: "unavailable", isOutage: true });
    }
    trouble(on, kind);
    await expect(charge(key), kind).rejects.toMatchObject({ reason: "unavailable", isOutage: true });
    expect(await charge(key), kind).toMatchObject({ outcome: "approved" });
    expect(statusesOf(key), kind).toEqual(["succeeded"]);
  }
});

test("a request is sent once, even when its connection is closed", async () => {
  stripe.requests.length = 0;
  trouble("create", "cut before");
  await expect(charge(newKey())).rejects.toThrow();
  expect(stripe.requests.map(({ operation }) => operation)).toEqual(["create"]);
});

test.each(["create", "confirm"] as const)(
  "an internal error at %s, which Stripe repeats to the same key, is passed by another: one charge",
  async (on) => {
    for (const kind of ["500 before", "500 after"] as const) {
      const key = newKey();
      trouble(on, kind);
      await expect(charge(key), kind).rejects.toMatchObject({ reason: "unavailable" });
      expect(await charge(key), kind).toMatchObject({ outcome: "approved" });
      expect(
        statusesOf(key).filter((status) => status === "succeeded"),
        kind,
      ).toHaveLength(1);
    }
  },
);

test("silence ends with the caller's signal, and the next request learns what became of it", async () => {
  const key = newKey();
  trouble("confirm", "silence");
  const caller = new AbortController();
  const silent = payment.charge(requestOf(key), caller.signal);
  await expect.poll(() => stripe.requests.at(-1)).toEqual({ operation: "confirm", key: `${key}-confirm-1` });
  caller.abort();
  await expect(silent).rejects.toMatchObject({ reason: "timeout" });
  expect(await charge(key)).toMatchObject({ outcome: "approved", attempts: 2 });
});

test("an order is charged once after Stripe has forgotten its idempotency keys, and from several processes", async () => {
  const key = newKey();
  trouble("confirm", "cut after");
  await expect(charge(key)).rejects.toThrow();
  stripe.pruneKeys();
  const chargeByOther = chargingBy(openStripeShop(stripe).payment);
  const results = await Promise.allSettled([charge(key), chargeByOther(key), charge(key)]);
  expect(results).toMatchObject(Array(3).fill({ status: "fulfilled", value: { outcome: "approved" } }));
  expect(statusesOf(key)).toEqual(["succeeded"]);
});

test("requests of one order that meet charge it once; the one that loses is no sign of an outage", async () => {
  const key = newKey();
  stripe.latencyMs = 20;
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => charge(key)));
  stripe.latencyMs = 0;
  for (const result of results) {
    if (result.status === "rejected") expect(result.reason).toMatchObject({ isOutage: false });
  }
  expect(await charge(key)).toMatchObject({ outcome: "approved" });
  expect(statusesOf(key)).toEqual(["succeeded"]);
});

test("a rate limit is back-pressure, and a lock on the intent is not", async () => {
  trouble("create", "rate limit");
  await expect(charge(newKey())).rejects.toMatchObject({
    reason: "unavailable",
    isOutage: true,
    isRefusal: true,
  });
  trouble("confirm", "lock timeout");
  await expect(charge(newKey())).rejects.toMatchObject({
    reason: "unavailable",
    isOutage: false,
    isRefusal: false,
  });
});

test("a key that Stripe does not accept is no decline: the log says what is wrong, once a minute", async () => {
  const lines: string[] = [];
  const { log } = shop;
  const error = log.error.bind(log);
  log.error = (message) => void lines.push(String(message));
  stripe.secretKey = "sk_test_another";
  await expect(charge(newKey())).rejects.toMatchObject({ reason: "unavailable", isOutage: true });
  await expect(payment.ping(soon())).rejects.toMatchObject({ reason: "unavailable", isRefusal: true });
  stripe.secretKey = "sk_test_stand_in";
  log.error = error;
  expect(lines).toEqual(["Stripe does not accept STRIPE_SECRET_KEY, so nothing can be charged"]);
  await payment.ping(soon());
});

test("cancelling: a key that was never charged, one that waits for its customer, and one that is paid", async () => {
  const [unknown, waiting, paid] = [newKey(), newKey(), newKey()];
  expect(await payment.cancel(unknown, soon())).toEqual({ outcome: "cancelled" });
  expect(await charge(unknown)).toMatchObject({ outcome: "declined", declineCode: "cancelled" });
  expect(statusesOf(unknown)).toEqual([]);

  expect(await charge(waiting, "pm_card_authenticationRequired")).toMatchObject({
    outcome: "action_required",
  });
  expect(await payment.cancel(waiting, soon())).toEqual({ outcome: "cancelled" });
  expect(statusesOf(waiting)).toEqual(["canceled"]);

  await charge(paid);
  expect(await payment.cancel(paid, soon())).toMatchObject({ outcome: "approved", amountCents: 1_999 });
});

test("a charge whose intent is made while its key is cancelled moves no money", async () => {
  const key = newKey();
  const { promise, resolve: open } = Promise.withResolvers<void>();
  stripe.gate = promise;
  const charging = charge(key);
  await expect.poll(() => stripe.requests.at(-1)?.key).toBe(key);
  expect(await payment.cancel(key, soon())).toEqual({ outcome: "cancelled" });
  open();
  expect(await charging).toMatchObject({ outcome: "declined", declineCode: "cancelled" });
  expect(statusesOf(key)).toEqual(["canceled"]);
});

test("a refund is made once, also when its answer is lost, and only of what was charged", async () => {
  const [key, unpaid] = [newKey(), newKey()];
  expect(await payment.refund(unpaid, soon())).toEqual({ outcome: "uncharged" });
  await charge(key);
  trouble("refund", "cut after");
  await expect(payment.refund(key, soon())).rejects.toMatchObject({ reason: "unavailable" });
  expect(await payment.refund(key, soon())).toEqual({ outcome: "refunded", amountCents: 1_999 });
  expect(stripe.refunds.made()).toBe(1);
});
