import { beforeEach, describe, expect, test, vi } from "vitest";
import { openCustomers } from "../../functions/testing/stripe/stripe-customers.ts";
import { openInbox } from "../../functions/testing/stripe/stripe-inbox.ts";
import { openStripeShop, stripeForTests } from "../../functions/testing/stripe/stripe-shop.ts";
import type { PaymentMessages } from "../payment/messages.ts";
import { allItems } from "../testing/fixtures.ts";
import { readOrder } from "./order.ts";
import { recordRefunds } from "./record-refunds.ts";
import { REFUND_RUNBOOK } from "./refund.ts";
import { settleByEvent } from "./settle-by-event.ts";

const TOTAL_CENTS = 3_998;

const stripe = await stripeForTests();
const shop = openStripeShop(stripe);
const { checkOut, buyAndAuthenticate, chargedAndCancelled, intentOf, lastMessageOf, statusOf } =
  openCustomers(stripe, shop);
const { messages, take, counted } = openInbox(shop);

const buy = async (): Promise<string> => (await checkOut("pm_card_visa")).orderId;
/** As somebody does in Stripe's dashboard. @returns Stripe's message */
const refundByHand = (orderId: string, amount?: number): object => {
  stripe.refunds.create({ payment_intent: intentOf(orderId).id, amount });
  return stripe.events.at(-1) ?? {};
};
const letters = async () => (await allItems(shop, "deadLetters")).map(({ record_id }) => record_id);

const [info, error] = [vi.spyOn(shop.log, "info"), vi.spyOn(shop.log, "error")];
beforeEach(() => {
  for (const spy of [info, error]) spy.mockClear();
});

describe("a message about a charge", () => {
  test("settles the order that waits for it, and says so", async () => {
    const orderId = await buyAndAuthenticate();
    await take(lastMessageOf(orderId));
    expect(await statusOf(orderId)).toBe("confirmed");
    expect(info).toHaveBeenCalledWith("settled by a message", { order_id: orderId, status: "confirmed" });
    info.mockClear();
    await take(lastMessageOf(orderId));
    expect(info).not.toHaveBeenCalled();
    expect((await readOrder(shop, orderId)).refund).toBeUndefined();
  });

  test("leaves the order waiting while its customer has still to confirm it", async () => {
    const { orderId } = await checkOut("pm_card_authenticationRequired");
    await settleByEvent(shop, messages, { idempotencyKey: orderId, kind: "charge", isPaid: false });
    expect(await readOrder(shop, orderId)).toMatchObject({
      status: "pending_payment",
      awaits_customer: true,
    });
  });

  test("owes back what is paid for an order that has ended, and nothing that is not", async () => {
    const [paid, unpaid] = [await chargedAndCancelled(), await chargedAndCancelled(false)];
    await take(lastMessageOf(unpaid));
    expect((await readOrder(shop, unpaid)).refund).toBeUndefined();
    await take(lastMessageOf(paid));
    expect(await readOrder(shop, paid)).toMatchObject({ refund: { status: "full", cents: TOTAL_CENTS } });
  });

  test.each(["ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC", "somebody else's"])(
    "of %s, no order of this shop, changes nothing",
    async (idempotencyKey) => {
      await settleByEvent(shop, messages, { idempotencyKey, kind: "charge", isPaid: true });
    },
  );

  test("is to be sent again where storage does not answer", async () => {
    const orderId = await buyAndAuthenticate();
    const send = vi.spyOn(shop.db, "send").mockRejectedValue(new TypeError("a defect"));
    await expect(take(lastMessageOf(orderId))).rejects.toThrow("a defect");
    send.mockRestore();
    expect(await statusOf(orderId)).toBe("pending_payment");
  });
});

describe("a message about a refund", () => {
  test("by hand is recorded with its sum, counted and told once", async () => {
    const orderId = await buy();
    const part = refundByHand(orderId, 1_000);
    const refunds = await counted("RefundsMade", async () => {
      await take(part);
      await take(part);
    });
    expect(refunds).toBe(1);
    expect(await readOrder(shop, orderId)).toMatchObject({
      status: "confirmed",
      refund: { status: "partial", cents: 1_000, at: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
    const facts = { order_id: orderId, status: "confirmed", refunded_cents: 1_000 };
    expect(info.mock.calls).toEqual([["a refund was recorded", facts]]);
    await take(refundByHand(orderId));
    expect(await readOrder(shop, orderId)).toMatchObject({
      refund: { status: "full", cents: TOTAL_CENTS },
    });
  });

  test.each([1_000, undefined])(
    "of %s cents that the bank sends back is recorded as failed",
    async (cents) => {
      const orderId = await buy();
      await take(refundByHand(orderId, cents));
      const undone = stripe.refunds.fail(intentOf(orderId).id, "lost_or_stolen_card");
      const refused = await counted("RefundsRefused", async () => {
        await take(undone);
        await take(undone);
      });
      expect(refused).toBe(1);
      expect(await readOrder(shop, orderId)).toMatchObject({
        refund: { status: "failed", cents: cents ?? TOTAL_CENTS },
      });
      expect(error.mock.calls).toEqual([
        [
          "the payment service has undone a refund",
          { order_id: orderId, status: "confirmed", refunded_cents: 0, runbook: REFUND_RUNBOOK },
        ],
      ]);
    },
  );

  test("that undoes the shop's own leaves it to a person, whose refund closes the dead letter", async () => {
    const orderId = await chargedAndCancelled();
    await take(lastMessageOf(orderId));
    await take(stripe.refunds.fail(intentOf(orderId).id, "expired_or_canceled_card"));
    expect(await readOrder(shop, orderId)).toMatchObject({
      refund: { status: "failed", cents: TOTAL_CENTS },
    });
    expect(await letters()).toContain(`refund-${orderId}`);
    expect(await counted("RefundsMade", () => take(refundByHand(orderId)))).toBe(1);
    expect(await readOrder(shop, orderId)).toMatchObject({ refund: { status: "full" } });
    expect(await letters()).not.toContain(`refund-${orderId}`);
  });

  test("finds a debt paid by hand, which then is nobody's to settle", async () => {
    const orderId = await chargedAndCancelled();
    stripe.troubles.push({ on: "refund", kind: "cut before" });
    await take(lastMessageOf(orderId));
    expect(await readOrder(shop, orderId)).toMatchObject({ refund: { status: "pending" } });
    await take(refundByHand(orderId));
    const order = await readOrder(shop, orderId);
    expect(order).toMatchObject({ status: "cancelled", refund: { status: "full", cents: TOTAL_CENTS } });
    expect([order.pending_bucket, order.settle_after]).toEqual([undefined, undefined]);
  });

  test("of an order whose refunds never stand still is to be sent again, after five attempts", async () => {
    const orderId = await buy();
    let asked = 0;
    const restless: PaymentMessages = {
      ...messages,
      refunded: async () => {
        asked += 1;
        // Another message is faster every time, and its sum another one.
        await recordRefunds(shop, { ...messages, refunded: async () => asked * 2 }, orderId);
        return asked * 2 + 1;
      },
    };
    await expect(recordRefunds(shop, restless, orderId)).rejects.toMatchObject({
      code: "STORAGE_CONFLICT",
      message: "The refunds of the order kept changing",
      retryAfterSeconds: 1,
    });
    expect(asked).toBe(5);
    expect(await readOrder(shop, orderId)).toMatchObject({ refund: { status: "partial", cents: 10 } });
  });
});
