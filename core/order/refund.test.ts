import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openCustomers } from "../../functions/testing/stripe/stripe-customers.ts";
import { openStripeShop, stripeForTests } from "../../functions/testing/stripe/stripe-shop.ts";
import { endChildWithThisProcess } from "../../loadtest/harness/end-with-process.ts";
import { allItems } from "../testing/fixtures.ts";
import { getOrder, readOrder } from "./order.ts";
import { recoverOrders } from "./recovery.ts";
import { refundUnpaid } from "./refund.ts";

const PROCESS = join(import.meta.dirname, "../../functions/testing/stripe/refund-process.ts");
/** Beyond the longest pause of recovery. */
const LATER_MS = 120_000;
const CENTS = 3_998;

const stripe = await stripeForTests();
const shop = openStripeShop(stripe);
const { chargedAndCancelled, intentOf } = openCustomers(stripe, shop);

const refundOf = async (orderId: string) => (await getOrder(shop, orderId)).refund;
const givenBack = (orderId: string): number => stripe.refunds.sumOf(intentOf(orderId).id);
const refund = async (orderId: string): Promise<void> => refundUnpaid(shop, await readOrder(shop, orderId));
const recover = () => {
  shop.advance(LATER_MS);
  return recoverOrders(shop);
};
const refundsMade = (): number => shop.metrics.total("RefundsMade");

test("a refund that fails three times is owed until recovery has made it, once", async () => {
  const orderId = await chargedAndCancelled();
  const before = refundsMade();
  stripe.troubles.push(
    { on: "refund", kind: "cut before" },
    { on: "refund", kind: "500 before" },
    { on: "refund", kind: "rate limit" },
  );
  await refund(orderId);
  expect(await refundOf(orderId)).toMatchObject({ status: "pending", amount: 39.98 });
  for (let failure = 0; failure < 2; failure++) expect(await recover()).toMatchObject({ stillPending: 1 });
  expect(givenBack(orderId)).toBe(0);
  expect(await recover()).toMatchObject({ refunded: 1 });
  expect(await refundOf(orderId)).toMatchObject({ status: "full", amount: 39.98 });
  expect(givenBack(orderId)).toBe(CENTS);
  expect(await recover()).toMatchObject({ refunded: 0, stillPending: 0 });
  expect(refundsMade()).toBe(before + 1);
  expect(await getOrder(shop, orderId)).toMatchObject({ status: "cancelled" });
  const { pending_bucket, settle_after } = await readOrder(shop, orderId);
  expect({ pending_bucket, settle_after }).toEqual({ pending_bucket: undefined, settle_after: undefined });
});

test("a refund for which the balance was too low is made once there is enough", async () => {
  const orderId = await chargedAndCancelled();
  stripe.troubles.push({ on: "refund", kind: "400 before" });
  await refund(orderId);
  expect(await refundOf(orderId)).toMatchObject({ status: "pending" });
  expect(await recover()).toMatchObject({ refunded: 1 });
  expect(givenBack(orderId)).toBe(CENTS);
});

test.each(["silence", "cut after"] as const)(
  "a process that is killed in the middle of a refund (%s) leaves it to recovery: one refund",
  async (kind) => {
    const orderId = await chargedAndCancelled();
    const asked = stripe.requests.length;
    stripe.troubles.push({ on: "refund", kind });
    const child = spawn(process.execPath, [PROCESS, stripe.url, orderId], { stdio: "ignore" });
    endChildWithThisProcess(child);
    const exited = once(child, "exit");
    await expect
      .poll(() => stripe.requests.slice(asked).some(({ operation }) => operation === "refund"), {
        timeout: 50_000,
      })
      .toBe(true);
    child.kill("SIGKILL");
    await exited;
    expect(await refundOf(orderId)).toMatchObject({ status: "pending" });
    expect(await recover()).toMatchObject({ refunded: 1 });
    expect(givenBack(orderId)).toBe(CENTS);
    expect(await refundOf(orderId)).toMatchObject({ status: "full", amount: 39.98 });
  },
);

test("attempts of several processes that meet make one refund, and count it once", async () => {
  const orderId = await chargedAndCancelled();
  const other = openStripeShop(stripe);
  const before = refundsMade();
  stripe.troubles.push({ on: "refund", kind: "cut before" });
  await refund(orderId);
  stripe.latencyMs = 20;
  for (const each of [shop, other]) each.advance(LATER_MS);
  await Promise.all([recoverOrders(shop), recoverOrders(other), refund(orderId), refund(orderId)]);
  stripe.latencyMs = 0;
  for (const each of [shop, other]) each.advance(LATER_MS);
  await Promise.all([recoverOrders(shop), recoverOrders(other)]);
  expect(givenBack(orderId)).toBe(CENTS);
  expect(await refundOf(orderId)).toMatchObject({ status: "full" });
  expect(refundsMade() + other.metrics.total("RefundsMade")).toBe(before + 1);
});

test("after Stripe has forgotten its idempotency keys a refund is still made once", async () => {
  const orderId = await chargedAndCancelled();
  stripe.troubles.push({ on: "refund", kind: "cut after" });
  await refund(orderId);
  stripe.pruneKeys();
  expect(await recover()).toMatchObject({ refunded: 1 });
  expect(givenBack(orderId)).toBe(CENTS);
});

test("a refund that Stripe will never make is left to a person, with a dead letter", async () => {
  const [closed, disputed] = [await chargedAndCancelled(), await chargedAndCancelled()];
  const refused = shop.metrics.total("RefundsRefused");
  Object.assign(stripe.refunds, { status: "failed", failureReason: "expired_or_canceled_card" });
  await refund(closed);
  stripe.refunds.status = "succeeded";
  stripe.refunds.dispute(intentOf(disputed).id, "created", "needs_response");
  await refund(disputed);
  for (const orderId of [closed, disputed]) {
    expect(await refundOf(orderId)).toMatchObject({ status: "failed", amount: 39.98 });
  }
  expect(await allItems(shop, "deadLetters")).toEqual(
    expect.arrayContaining(
      [
        [closed, "expired_or_canceled_card"],
        [disputed, "charge_disputed"],
      ].map(([orderId, reason]) =>
        expect.objectContaining({
          record_id: `refund-${orderId}`,
          reason: expect.stringContaining(`(${reason}): see docs/runbooks/RefundsRefused.md`),
        }),
      ),
    ),
  );
  expect(shop.metrics.total("RefundsRefused")).toBe(refused + 2);
  const asked = stripe.requests.length;
  expect(await recover()).toMatchObject({ refunded: 0, stillPending: 0, setAside: 0 });
  expect(stripe.requests.length).toBe(asked);
});

test("an order that was never charged owes nothing", async () => {
  const orderId = await chargedAndCancelled(false);
  await refund(orderId);
  expect(await refundOf(orderId)).toBeUndefined();
  expect(await recover()).toMatchObject({ refunded: 0, stillPending: 0 });
});
