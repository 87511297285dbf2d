import type { Finding, Violation } from "./finding.ts";
import type { ChargeRow, OrderRow, State } from "./state.ts";

const PAID = ["confirmed", "fulfilled"];
const UNPAID = ["payment_failed", "cancelled"];

/** The processor's books and the orders tell the same: one approved charge of the total a paid order, else none. */
export const checkCharges = ({ orders, charges }: State): Finding => {
  const approved = Map.groupBy(
    charges.filter(({ outcome, refunded_at }) => outcome === "approved" && refunded_at === undefined),
    ({ charge_key }) => charge_key,
  );
  const known = new Set(orders.map(({ order_id }) => order_id));
  const violations = orders.flatMap((order) => compare(order, approved.get(order.order_id) ?? []));
  for (const [key, rows] of approved) {
    if (known.has(key)) continue;
    const cents = rows.map(({ amount_cents }) => amount_cents).join(", ");
    violations.push({
      kind: "double charges",
      message: `${cents} cents were charged for ${key}, which is no order`,
      subject: { orders: [key] },
    });
  }
  return { check: "charges match orders", examined: orders.length, violations };
};

const compare = ({ order_id, status, total_cents }: OrderRow, charges: readonly ChargeRow[]): Violation[] => {
  const subject = { orders: [order_id] };
  if (charges.length > 1) {
    return [
      {
        kind: "double charges",
        message: `order ${order_id} (${status}) was charged ${charges.length} times`,
        subject,
      },
    ];
  }
  const [charge] = charges;
  if (PAID.includes(status) && !charge) {
    return [{ kind: "lost", message: `order ${order_id} is ${status}, but nothing was charged`, subject }];
  }
  if (UNPAID.includes(status) && charge) {
    return [
      {
        kind: "double charges",
        message: `order ${order_id} is ${status}, but was charged all the same`,
        subject,
      },
    ];
  }
  if (charge && charge.amount_cents !== total_cents) {
    const amounts = `${charge.amount_cents} cents were charged for a total of ${total_cents}`;
    return [{ kind: "wrong", message: `order ${order_id}: ${amounts}`, subject }];
  }
  return [];
};
