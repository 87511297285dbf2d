import { expect, test } from "vitest";
import { newKey, requestOf, soon } from "../../functions/testing/stripe/stripe-charges.ts";
import { openStripeShop, stripeForTests } from "../../functions/testing/stripe/stripe-shop.ts";
import type { Shop } from "../shop.ts";
import { openTestShop } from "../testing/fixtures.ts";

const stripe = await stripeForTests();
const simulated = openTestShop();
const byStripe = openStripeShop(stripe);

/** Milliseconds after which the caller gives up, where nothing answers. */
const PATIENCE_MS = 300;
const chargeBy = ({ payment }: Shop, paymentMethod = "pm_card_visa", signal = soon()) =>
  payment.charge(requestOf(newKey(), paymentMethod), signal);

/** By operation, how many calls were timed during the work, and the longest of them in milliseconds. */
const timedDuring = async (shop: Shop, work: () => Promise<unknown>) => {
  const read = shop.metrics.openReader();
  read();
  await work();
  const timed = [...(read().distributions.get("PaymentLatency") ?? [])].filter(([, { count }]) => count > 0);
  return Object.fromEntries(
    timed.map(([operation, { count, values }]) => [operation, { count, longest: Math.max(...values) }]),
  );
};

test.each([
  ["simulated", simulated, ["cancel", "charge", "refund"]],
  ["stripe", byStripe, ["cancel", "charge", "refund", "refunded"]],
] as const)("%s: each operation is timed under its own name", async (_, shop, operations) => {
  const { payment } = shop;
  const key = newKey();
  const timed = await timedDuring(shop, async () => {
    await payment.charge(requestOf(key), soon());
    await payment.cancel(key, soon());
    await payment.refund(key, soon());
    await payment.messages?.refunded(key, soon());
  });
  expect(Object.keys(timed).toSorted()).toEqual(operations);
  for (const { count, longest } of Object.values(timed)) {
    expect(count).toBe(1);
    expect(longest).toBeGreaterThan(0);
  }
});

test.each([
  ["simulated", simulated, () => chargeBy(simulated, "pm_processor_down")],
  [
    "stripe",
    byStripe,
    () => {
      stripe.troubles.push({ on: "create", kind: "cut before" });
      return chargeBy(byStripe);
    },
  ],
] as const)("%s: a call that fails is timed", async (_, shop, charge) => {
  const timed = await timedDuring(shop, () =>
    expect(charge()).rejects.toMatchObject({ reason: "unavailable" }),
  );
  expect(timed).toMatchObject({ charge: { count: 1 } });
});

test.each([
  [
    "simulated",
    simulated,
    () => chargeBy(simulated, "pm_timeout_before_charge", AbortSignal.timeout(PATIENCE_MS)),
  ],
  [
    "stripe",
    byStripe,
    () => {
      stripe.troubles.push({ on: "create", kind: "silence" });
      return chargeBy(byStripe, "pm_card_visa", AbortSignal.timeout(PATIENCE_MS));
    },
  ],
] as const)("%s: silence is timed until the caller gives up", async (_, shop, charge) => {
  const timed = await timedDuring(shop, () => expect(charge()).rejects.toMatchObject({ reason: "timeout" }));
  expect(timed.charge?.count).toBe(1);
  // The timer may be early by a millisecond, and the histogram's value lower by 1.6 %.
  expect(timed.charge?.longest).toBeGreaterThan(0.9 * PATIENCE_MS);
});

test("a call that the circuit refuses is not timed: it was not made", async () => {
  const shop = openTestShop();
  const expiresAt = shop.now() + 60_000;
  shop.resilience.faults.set("payment", { failureRate: 1, latencyMs: 0, kind: "error", expiresAt });
  const refused = () => shop.resilience.circuits.payment.stats().total_rejected;
  let timed = {};
  while (refused() === 0) timed = await timedDuring(shop, () => expect(chargeBy(shop)).rejects.toThrow());
  expect(timed).toEqual({});
});
