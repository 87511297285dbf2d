import type { Finding, Violation } from "./finding.ts";
import { byKind, type CheckoutAction, type Operation, type OrderSeen } from "./history.ts";
import { type OrderRow, quantitiesOf, type State } from "./state.ts";

type Checkout = Operation<CheckoutAction>;

/** States in which an order may be after a client got it in this status. */
export const LEADS_TO: Readonly<Record<string, readonly string[]>> = {
  pending_payment: ["pending_payment", "confirmed", "fulfilled", "payment_failed", "cancelled"],
  confirmed: ["confirmed", "fulfilled"],
  fulfilled: ["fulfilled"],
  payment_failed: ["payment_failed"],
  cancelled: ["cancelled"],
};

/** Every acknowledged order is there once, is that client's, and is as acknowledged. */
export const checkAcknowledged = (operations: readonly Operation[], { orders }: State): Finding => {
  const stored = Map.groupBy(orders, ({ order_id }) => order_id);
  const told = checkouts(operations).filter(({ order }) => order);
  const violations = told.flatMap(({ action, order }) =>
    order ? compare(action.user, order, stored.get(order.order_id) ?? []) : [],
  );
  return { check: "acknowledged orders exist", examined: told.length, violations };
};

const compare = (user: string, told: OrderSeen, rows: readonly OrderRow[]): Violation[] => {
  const { order_id } = told;
  const [row, ...others] = rows;
  const subject = { orders: [order_id] };
  if (!row)
    return [{ kind: "lost", message: `${user} got order ${order_id}, which does not exist`, subject }];
  if (others.length > 0)
    return [{ kind: "duplicate", message: `order ${order_id} exists ${rows.length} times`, subject }];
  const differences: string[] = [];
  if (row.user_id !== user) differences.push(`it belongs to ${row.user_id}`);
  if (!LEADS_TO[told.status]?.includes(row.status)) {
    differences.push(`it is ${row.status} after it was ${told.status}`);
  }
  if (told.total_cents !== undefined && told.total_cents !== row.total_cents) {
    differences.push(`its total is ${row.total_cents} cents, told were ${told.total_cents}`);
  }
  const quantities = JSON.stringify(quantitiesOf(row));
  if (told.quantities && JSON.stringify(told.quantities) !== quantities) {
    differences.push(`it holds ${quantities}, told were ${JSON.stringify(told.quantities)}`);
  }
  return differences.map((difference) => ({
    kind: "wrong",
    message: `order ${order_id} of ${user}: ${difference}`,
    subject,
  }));
};

/**
 * No order without a request that may have made it. Told of an order, or the holder of its key, a request
 * accounts for it; one without a key and with an unknown outcome accounts for one more. A refused request
 * accounts for none.
 */
export const checkUnasked = (operations: readonly Operation[], { orders, claims }: State): Finding => {
  const all = checkouts(operations);
  const keyOf = new Map(claims.map(({ order_id, idempotency_key }) => [order_id, idempotency_key]));
  const told = new Set(all.flatMap(({ order }) => order?.order_id ?? []));
  const maybe = new Set(all.filter(({ outcome }) => outcome !== "fail").flatMap((o) => fullKey(o) ?? []));
  const refused = new Set(all.flatMap((operation) => fullKey(operation) ?? []));
  const users = new Set(operations.flatMap(({ action }) => ("user" in action ? action.user : [])));
  const ours = orders.filter(({ user_id }) => users.has(user_id));

  const violations: Violation[] = [];
  const orphans: OrderRow[] = [];
  for (const order of ours) {
    const key = keyOf.get(order.order_id);
    if (told.has(order.order_id) || (key !== undefined && maybe.has(key))) continue;
    if (key !== undefined && refused.has(key)) {
      const what = `order ${order.order_id} (${order.status}) exists, but every request with key ${key} was refused`;
      violations.push({ kind: "duplicate", message: what, subject: { orders: [order.order_id] } });
    } else orphans.push(order);
  }
  for (const [user, rows] of Map.groupBy(orphans, ({ user_id }) => user_id)) {
    const open = all.filter(
      (o) => o.action.user === user && o.outcome === "info" && !o.order && o.action.key === undefined,
    ).length;
    if (rows.length <= open) continue;
    const ids = rows.map(({ order_id, status }) => `${order_id} (${status})`).join(", ");
    const message = `${user} has ${rows.length} orders that only ${open} requests can have made: ${ids}`;
    violations.push({ kind: "duplicate", message, subject: { orders: rows.map((row) => row.order_id) } });
  }
  return { check: "no order unasked for", examined: ours.length, violations };
};

/** A key leads to one order, for any client and any number of requests. */
export const checkKeys = (operations: readonly Operation[], { claims }: State): Finding => {
  const claimed = new Map(claims.map(({ idempotency_key, order_id }) => [idempotency_key, order_id]));
  const byKey = Map.groupBy(
    checkouts(operations).filter((o) => fullKey(o) !== undefined),
    (o) => fullKey(o) ?? "",
  );
  const violations = [...byKey].flatMap(([key, requests]): Violation[] => {
    const told = requests.flatMap(({ order }) => order?.order_id ?? []);
    const ids = [...new Set([...told, claimed.get(key) ?? []].flat())];
    return ids.length > 1
      ? [
          {
            kind: "duplicate",
            message: `key ${key} led to ${ids.length} orders: ${ids.join(", ")}`,
            subject: { orders: ids },
          },
        ]
      : [];
  });
  return { check: "one order a key", examined: byKey.size, violations };
};

/** An order's total is the sum of its lines. */
export const checkTotals = ({ orders }: State): Finding => {
  const violations = orders.flatMap(({ order_id, lines, total_cents }): Violation[] => {
    const sum = lines.reduce((cents, { quantity, price_cents }) => cents + quantity * price_cents, 0);
    return sum === total_cents
      ? []
      : [
          {
            kind: "wrong",
            message: `order ${order_id}: its total is ${total_cents} cents, its lines make ${sum}`,
            subject: { orders: [order_id] },
          },
        ];
  });
  return { check: "totals equal lines", examined: orders.length, violations };
};

/** Nothing is under way any more: what was paid is fulfilled, and no payment is open. */
export const checkSettled = ({ orders, deadLetters }: State): Finding => {
  const stuck = orders
    .filter(({ status }) => status === "pending_payment" || status === "confirmed")
    .map(({ order_id, user_id, status }) => ({
      id: order_id,
      message: `order ${order_id} of ${user_id} is still ${status}`,
    }));
  const aside = deadLetters.map(({ record_id, reason }) => ({
    id: record_id,
    message: `stream record ${record_id} was set aside: ${reason}`,
  }));
  const violations = [...stuck, ...aside].map(
    ({ id, message }) => ({ kind: "stuck", message, subject: { orders: [id] } }) as const,
  );
  return { check: "all settled and fulfilled", examined: orders.length, violations };
};

const checkouts = (operations: readonly Operation[]): Checkout[] => byKind(operations, "checkout");

/** A key as the shop stores it: a user's own. */
const fullKey = ({ action: { user, key } }: Checkout): string | undefined =>
  key === undefined ? undefined : `${user}#${key}`;
