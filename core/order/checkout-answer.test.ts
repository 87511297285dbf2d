import { expect, test } from "vitest";
import type { Approved } from "../payment/gateway.ts";
import { STORED_ORDER as order } from "../testing/stored-order.ts";
import {
  approvedAnswer,
  declineOf,
  failedAnswer,
  pendingAnswer,
  presentCheckout,
} from "./checkout-answer.ts";

const AT = "2026-11-27T10:00:00.000Z";
const approved = (attempts: number): Approved => ({
  outcome: "approved",
  transactionId: "txn_1",
  processedAt: "2026-11-27T09:59:59.500Z",
  amountCents: 3_998,
  attempts,
});
const PENDING = { transaction_id: null, status: "pending", amount: 39.98, processed_at: null };

test("a payment at the first attempt recovered nothing", () => {
  const answer = approvedAnswer(order, approved(1), AT);
  expect(presentCheckout({ order, answer, replayed: false })).toEqual({
    order_id: order.order_id,
    order: {
      order_id: order.order_id,
      user_id: "alice",
      items: [{ product_id: 7, quantity: 2, price: 19.99 }],
      total: 39.98,
      status: "confirmed",
      created_at: order.created_at,
      updated_at: AT,
    },
    payment: {
      transaction_id: "txn_1",
      status: "approved",
      amount: 39.98,
      processed_at: "2026-11-27T09:59:59.500Z",
      attempts: 1,
    },
    recovery_applied: false,
  });
});

test("one that took more attempts says how many", () => {
  const answer = approvedAnswer(order, approved(3), AT);
  expect(presentCheckout({ order, answer, replayed: false })).toMatchObject({
    payment: { attempts: 3 },
    recovery_applied: true,
    recovery_details: "The charge was settled at attempt 3",
  });
});

test("a payment that is open says who settles it", () => {
  const answer = pendingAnswer(order, AT);
  const { payment, ...rest } = presentCheckout({ order, answer, replayed: false });
  expect(payment).toEqual({ ...PENDING, attempts: 1 });
  expect(rest).toMatchObject({
    order: { status: "pending_payment", updated_at: AT },
    recovery_applied: true,
    recovery_details: "The charge is not settled yet; it is settled later, exactly once",
  });
});

test.each([
  [{ clientSecret: "secret" }, { client_secret: "secret" }],
  [
    { clientSecret: "secret", redirectUrl: "https://bank.example" },
    { client_secret: "secret", redirect_url: "https://bank.example" },
  ],
])("one that waits for its customer says what they have to do: %j", (action, requires_action) => {
  const answer = pendingAnswer(order, AT, 0);
  const shown = presentCheckout({
    order,
    answer,
    replayed: false,
    action: { outcome: "action_required", attempts: 1, ...action },
  });
  expect(shown.payment).toEqual({ ...PENDING, attempts: 0, requires_action });
  expect(shown.recovery_details).toBe(
    "The charge waits for the customer; it is settled once they have confirmed it",
  );
});

test.each([
  ["all", [], {}],
  ["not all", [{ product_id: 7, quantity: 1 }], { not_restored: [{ product_id: 7, quantity: 1 }] }],
])("a decline after which %s went back to the cart is an error that says so", (_, notRestored, shown) => {
  const answer = failedAnswer("payment_failed", { declineCode: "insufficient_funds" }, notRestored, AT);
  expect(answer).toEqual({
    status: "payment_failed",
    at: AT,
    declineCode: "insufficient_funds",
    ...shown,
  });
  const decline = declineOf({ order, answer, replayed: false });
  expect(decline).toMatchObject({
    code: "PAYMENT_DECLINED",
    message: "The payment was declined: insufficient_funds",
  });
  expect(decline?.details).toEqual({
    order_id: order.order_id,
    decline_code: "insufficient_funds",
    order_status: "payment_failed",
    ...shown,
  });
  expect(() => presentCheckout({ order, answer, replayed: false })).toThrow(decline?.message);
});

test("a payment that is open or made is no decline", () => {
  expect(declineOf({ order, answer: pendingAnswer(order, AT), replayed: false })).toBeUndefined();
  expect(
    declineOf({ order, answer: approvedAnswer(order, approved(1), AT), replayed: false }),
  ).toBeUndefined();
});
