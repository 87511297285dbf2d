import type { Subject } from "./finding.ts";
import { byKind, type CheckoutAction, type Operation } from "./history.ts";
import type { OrderRow, State } from "./state.ts";

/** A part of a run: the operations that touched one key, and what is stored under it. */
export interface Touching {
  readonly title: string;
  readonly operations: readonly Operation[];
  readonly stored: readonly string[];
}

export const touching = (subject: Subject, operations: readonly Operation[], state: State): Touching => {
  if ("cart" in subject) return touchingCart(subject.cart, operations, state);
  if ("product" in subject) return touchingProduct(subject.product, operations, state);
  return touchingOrders(subject.orders, operations, state);
};

const touchingCart = (user: string, operations: readonly Operation[], state: State): Touching => {
  const carts = state.carts.filter(({ user_id }) => user_id === user);
  return {
    title: `cart of ${user}`,
    operations: operations.filter(({ action }) => "user" in action && action.user === user),
    stored: [
      ...carts.map(({ version, quantities }) => `cart, version ${version} ${JSON.stringify(quantities)}`),
      ...(carts.length === 0 ? ["no cart"] : []),
      ...state.orders.filter(({ user_id }) => user_id === user).map(showOrder),
    ],
  };
};

const touchingProduct = (product: number, operations: readonly Operation[], state: State): Touching => {
  const holders = state.orders.filter(({ lines }) => lines.some(({ product_id }) => product_id === product));
  const buying = new Set<Operation>(checkoutsOf(holders, operations, state));
  const counters = state.stock.filter(({ product_id }) => product_id === product);
  const pieces = [...Map.groupBy(holders, ({ status }) => status)].map(([status, orders]) => {
    const lines = orders.flatMap((order) => order.lines).filter(({ product_id }) => product_id === product);
    const sum = lines.reduce((total, { quantity }) => total + quantity, 0);
    return `orders ${status}: ${orders.length}, with ${sum} pieces`;
  });
  return {
    title: `stock of product ${product}`,
    operations: operations.filter(
      (operation) =>
        buying.has(operation) || (operation.action.f === "set-stock" && operation.action.product === product),
    ),
    stored: [
      ...counters.map(
        ({ shard, available, reserved, sold }) =>
          `counter ${shard}: ${available} available, ${reserved} reserved, ${sold} sold`,
      ),
      ...(counters.length === 0 ? ["no counter"] : []),
      ...pieces,
    ],
  };
};

const touchingOrders = (ids: readonly string[], operations: readonly Operation[], state: State): Touching => {
  const rows = state.orders.filter(({ order_id }) => ids.includes(order_id));
  const missing = ids.filter((id) => !rows.some(({ order_id }) => order_id === id));
  const asking = checkoutsOf(
    ids.map((order_id) => ({ order_id })),
    operations,
    state,
  );
  // Where no request is known to have made the order, every checkout of its user may have.
  const users = rows.map(({ user_id }) => user_id);
  const maybe = byKind(operations, "checkout").filter(({ action }) => users.includes(action.user));
  return {
    title: `order ${ids.join(", ")}`,
    operations: asking.length > 0 ? asking : maybe,
    stored: [
      ...rows.map(showOrder),
      ...missing.map((id) => `no order ${id}`),
      ...state.claims
        .filter(({ order_id }) => ids.includes(order_id))
        .map(({ idempotency_key, order_id }) => `key ${idempotency_key} of order ${order_id}`),
      ...state.charges
        .filter(({ charge_key }) => ids.includes(charge_key))
        .map(({ charge_key, outcome = "open", amount_cents }) =>
          [`charge of ${charge_key}, ${outcome}`, ...(amount_cents ? [`${amount_cents} cents`] : [])].join(
            ", ",
          ),
        ),
      ...state.deadLetters
        .filter(({ record_id }) => ids.includes(record_id))
        .map(({ record_id, reason }) => `dead letter ${record_id}: ${reason}`),
    ],
  };
};

/** Checkouts that led to one of the orders, by their answer or by their idempotency key. */
const checkoutsOf = (
  orders: readonly Pick<OrderRow, "order_id">[],
  operations: readonly Operation[],
  { claims }: State,
): Operation<CheckoutAction>[] => {
  const ids = new Set(orders.map(({ order_id }) => order_id));
  const keys = new Set(claims.flatMap((claim) => (ids.has(claim.order_id) ? claim.idempotency_key : [])));
  return byKind(operations, "checkout").filter(
    ({ action: { user, key }, order }) =>
      (order && ids.has(order.order_id)) || (key !== undefined && keys.has(`${user}#${key}`)),
  );
};

const showOrder = ({ order_id, user_id, status, lines, total_cents }: OrderRow): string => {
  const pieces = lines.map(({ product_id, quantity }) => `${quantity} of product ${product_id}`).join(", ");
  return `order ${order_id} of ${user_id}, ${status}: ${pieces}, ${total_cents} cents`;
};
