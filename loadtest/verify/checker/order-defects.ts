import { type Defect, found, order } from "./defects.ts";
import { orderOf } from "./story.ts";

export const ORDER_DEFECTS: readonly Defect[] = [
  {
    name: "an acknowledged order that is not there",
    make: (state) => state.orders.shift(),
    check: "acknowledged orders exist",
    kind: "lost",
    says: /ann got order ORD-A, which does not exist/,
  },
  {
    name: "an acknowledged order that is there twice",
    make: (state) => state.orders.push(orderOf("ORD-A", "ann", "fulfilled", 2)),
    check: "acknowledged orders exist",
    kind: "duplicate",
    says: /ORD-A exists 2 times/,
  },
  {
    name: "a confirmed order that was cancelled afterwards",
    make: (state) => Object.assign(order(state, "ORD-A"), { status: "cancelled" }),
    check: "acknowledged orders exist",
    kind: "wrong",
    says: /ORD-A of ann: it is cancelled after it was confirmed/,
  },
  {
    name: "an order with another total than acknowledged",
    make: (state) => Object.assign(order(state, "ORD-A"), { total_cents: 2_100 }),
    check: "acknowledged orders exist",
    kind: "wrong",
    says: /its total is 2100 cents, told were 2000/,
  },
  {
    name: "an order for a refused checkout with a key",
    make: (state) => {
      state.orders.push(orderOf("ORD-E", "eve", "fulfilled", 1));
      state.claims.push({ idempotency_key: "eve#e", order_id: "ORD-E" });
    },
    check: "no order unasked for",
    kind: "duplicate",
    says: /ORD-E \(fulfilled\) exists, but every request with key eve#e was refused/,
  },
  {
    name: "a second order for one request without a key",
    make: (state) => state.orders.push(orderOf("ORD-X", "bob", "fulfilled", 1)),
    check: "no order unasked for",
    kind: "duplicate",
    says: /bob has 1 orders that only 0 requests can have made: ORD-X/,
  },
  {
    name: "a key that led to two orders",
    make: (state) =>
      Object.assign(
        found(state.claims, ({ order_id }) => order_id === "ORD-C"),
        { order_id: "ORD-D" },
      ),
    check: "one order a key",
    kind: "duplicate",
    says: /key cleo#c led to 2 orders: ORD-C, ORD-D/,
  },
  {
    name: "a total that is not the sum of the lines",
    make: (state) => Object.assign(order(state, "ORD-B"), { total_cents: 2_999 }),
    check: "totals equal lines",
    kind: "wrong",
    says: /ORD-B: its total is 2999 cents, its lines make 3000/,
  },
  {
    name: "a paid order without a charge",
    make: (state) => state.charges.shift(),
    check: "charges match orders",
    kind: "lost",
    says: /ORD-A is fulfilled, but nothing was charged/,
  },
  {
    name: "a charge made twice",
    make: (state) => state.charges.push({ charge_key: "ORD-A", outcome: "approved", amount_cents: 2_000 }),
    check: "charges match orders",
    kind: "double charges",
    says: /ORD-A \(fulfilled\) was charged 2 times/,
  },
  {
    name: "a charge for a failed order",
    make: (state) =>
      Object.assign(
        found(state.charges, (c) => c.charge_key === "ORD-B"),
        { outcome: "approved" },
      ),
    check: "charges match orders",
    kind: "double charges",
    says: /ORD-B is payment_failed, but was charged all the same/,
  },
  {
    name: "a charge for no order",
    make: (state) => state.charges.push({ charge_key: "ORD-Z", outcome: "approved", amount_cents: 5 }),
    check: "charges match orders",
    kind: "double charges",
    says: /5 cents were charged for ORD-Z, which is no order/,
  },
  {
    name: "a charge of another amount",
    make: (state) =>
      Object.assign(
        found(state.charges, (c) => c.charge_key === "ORD-A"),
        { amount_cents: 1 },
      ),
    check: "charges match orders",
    kind: "wrong",
    says: /ORD-A: 1 cents were charged for a total of 2000/,
  },
];
