import { expect, test, vi } from "vitest";
import { openCustomers } from "../../functions/testing/stripe/stripe-customers.ts";
import { openInbox } from "../../functions/testing/stripe/stripe-inbox.ts";
import { openStripeShop, stripeForTests } from "../../functions/testing/stripe/stripe-shop.ts";
import { readOrder } from "./order.ts";
import { settleByEvent } from "./settle-by-event.ts";

const TOTAL_CENTS = 3_998;

const stripe = await stripeForTests();
const shop = openStripeShop(stripe);
const { checkOut, intentOf } = openCustomers(stripe, shop);
const { messages, take, counted } = openInbox(shop);
const warn = vi.spyOn(shop.log, "warn");

const buy = async (): Promise<string> => (await checkOut("pm_card_visa")).orderId;

test("a dispute is recorded, counted and told once, from its beginning to its end", async () => {
  const orderId = await buy();
  const { id } = intentOf(orderId);
  const opened = stripe.refunds.dispute(id, "created", "needs_response");
  const { id: dispute_id } = opened.data.object as { id: string };
  const disputes = await counted("Disputes", async () => {
    await take(opened);
    await take(opened);
    await take(stripe.refunds.dispute(id, "closed", "won"));
    await take(opened);
  });
  expect(disputes).toBe(2);
  expect(await readOrder(shop, orderId)).toMatchObject({
    status: "confirmed",
    dispute: { id: dispute_id, status: "won", cents: TOTAL_CENTS, reason: "fraudulent" },
  });
  const facts = { order_id: orderId, dispute_id, amount_cents: TOTAL_CENTS, reason: "fraudulent" };
  const said = "a customer disputes a payment";
  expect(warn.mock.calls).toEqual([
    [said, { ...facts, status: "open" }],
    [said, { ...facts, status: "won" }],
  ]);
});

test("a dispute replaces one that has ended where it is another one", async () => {
  const orderId = await buy();
  const dispute = (id: string, status: "open" | "lost") =>
    settleByEvent(shop, messages, {
      idempotencyKey: orderId,
      kind: "dispute",
      dispute: { id, status, amountCents: 500, reason: "general" },
    });
  await dispute("dp_1", "lost");
  await dispute("dp_2", "open");
  expect(await readOrder(shop, orderId)).toMatchObject({
    dispute: { id: "dp_2", status: "open", cents: 500 },
  });
});

test("a message of a dispute is to be sent again where storage fails", async () => {
  const orderId = await buy();
  const repeat = vi.spyOn(shop.db, "repeat").mockRejectedValue(new TypeError("a defect"));
  const taken = take(stripe.refunds.dispute(intentOf(orderId).id, "created", "needs_response"));
  await expect(taken).rejects.toThrow("a defect");
  repeat.mockRestore();
  expect((await readOrder(shop, orderId)).dispute).toBeUndefined();
});
