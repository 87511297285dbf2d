import type { Kind } from "./finding.ts";
import type { State } from "./state.ts";
import type { Mutable, Story } from "./story.ts";

export interface Defect {
  readonly name: string;
  readonly make: (state: Mutable<State>, history: Story["history"]) => void;
  readonly check: string;
  readonly kind: Kind;
  readonly says: RegExp;
}

export const found = <T>(rows: T[], isIt: (row: T) => boolean): T => {
  const row = rows.find(isIt);
  if (!row) throw new Error("The story has no such row");
  return row;
};
export const order = (state: Mutable<State>, id: string) =>
  found(state.orders, ({ order_id }) => order_id === id);
const cart = (state: Mutable<State>, user: string) => found(state.carts, ({ user_id }) => user_id === user);
const stock = (state: Mutable<State>) => found(state.stock, ({ product_id }) => product_id === 1);

export const DEFECTS: readonly Defect[] = [
  {
    name: "stock below zero",
    make: (state) => Object.assign(stock(state), { available: -1, sold: 99 }),
    check: "stock conserved",
    kind: "oversold",
    says: /product 1, shard 0: available is -1/,
  },
  {
    name: "one shard below zero, though the sum is right",
    make: (state) => {
      stock(state).available += 2;
      found(state.stock, ({ shard }) => shard === 1).available -= 2;
    },
    check: "stock conserved",
    kind: "oversold",
    says: /product 1, shard 1: available is -2/,
  },
  {
    name: "more pieces sold than there were",
    make: (state) => Object.assign(stock(state), { sold: 7 }),
    check: "stock conserved",
    kind: "oversold",
    says: /94 available \+ 0 reserved \+ 9 sold = 103, not 100/,
  },
  {
    name: "pieces gone",
    make: (state) => Object.assign(stock(state), { available: 90 }),
    check: "stock conserved",
    kind: "lost",
    says: /= 96, not 100/,
  },
  {
    name: "a reservation nobody holds",
    make: (state) => Object.assign(stock(state), { available: 92, reserved: 2 }),
    check: "stock conserved",
    kind: "lost",
    says: /2 reserved, but orders hold 0/,
  },
  {
    name: "a sale that stock does not know of",
    make: (state) => Object.assign(stock(state), { available: 96, sold: 2 }),
    check: "stock conserved",
    kind: "oversold",
    says: /4 sold, but orders hold 6/,
  },
  {
    name: "a confirmed order that is not fulfilled",
    make: (state) => Object.assign(order(state, "ORD-A"), { status: "confirmed" }),
    check: "all settled and fulfilled",
    kind: "stuck",
    says: /ORD-A of ann is still confirmed/,
  },
  {
    name: "a payment left open",
    make: (state) => Object.assign(order(state, "ORD-C"), { status: "pending_payment" }),
    check: "all settled and fulfilled",
    kind: "stuck",
    says: /ORD-C of cleo is still pending_payment/,
  },
  {
    name: "a stream record set aside",
    make: (state) => state.deadLetters.push({ record_id: "r1", reason: "unfulfillable" }),
    check: "all settled and fulfilled",
    kind: "stuck",
    says: /r1 was set aside: unfulfillable/,
  },
  {
    name: "an acknowledged addition that got lost",
    make: (state) => Object.assign(cart(state, "ann"), { version: 3, quantities: {} }),
    check: "carts add up",
    kind: "lost",
    says: /cart of ann/,
  },
  {
    name: "an addition whose pieces are gone from the cart",
    make: (state) => Object.assign(cart(state, "ann"), { quantities: {} }),
    check: "carts add up",
    kind: "lost",
    says: /to version 4 \{\} after the stored cart; reached at best: \{"1":1\}/,
  },
  {
    name: "an addition that was applied twice",
    make: (state) => Object.assign(cart(state, "dan"), { version: 2, quantities: { "1": 10 } }),
    check: "carts add up",
    kind: "duplicate",
    says: /cart of dan: .*version 2 \{"1":10\}/,
  },
  {
    name: "an order that left the cart full",
    make: (state) => Object.assign(cart(state, "cleo"), { version: 1, quantities: { "1": 4 } }),
    check: "carts add up",
    kind: "duplicate",
    says: /cart of cleo: .*there is no place for order ORD-C/,
  },
  {
    name: "an unacknowledged order that left the cart full",
    make: (state, history) => {
      const told = history.findIndex((event) => event.type === "ok" && event.order?.order_id === "ORD-C");
      history.splice(told, 1);
      Object.assign(cart(state, "cleo"), { version: 1, quantities: { "1": 4 } });
    },
    check: "carts add up",
    kind: "duplicate",
    says: /cart of cleo: .*there is no place for order ORD-C/,
  },
  {
    name: "a declined order that did not give the cart back",
    make: (state) => Object.assign(cart(state, "bob"), { version: 2, quantities: {} }),
    check: "carts add up",
    kind: "lost",
    says: /cart of bob/,
  },
  {
    name: "two additions that saw the same cart: one update is lost",
    make: (_, history) => {
      const action = { f: "add", user: "ann", product: 1, quantity: 1 } as const;
      history.push({ type: "invoke", call: 99, time: 50, action });
      history.push({ type: "ok", call: 99, time: 60, cart: { version: 4, quantities: { "1": 1 } } });
    },
    check: "carts add up",
    kind: "lost",
    says: /cart of ann/,
  },
  {
    name: "a read that shows what was, a second after a later cart was acknowledged",
    make: (_, history) => {
      history.push({ type: "invoke", call: 99, time: 1_000, action: { f: "read-cart", user: "ann" } });
      history.push({ type: "ok", call: 99, time: 1_001, cart: { version: 2, quantities: { "1": 2 } } });
    },
    check: "carts add up",
    kind: "wrong",
    says: /cart of ann: version 2 \{"1":2\} after read-cart \(call 99\) was asked for later than version 4 \{"1":1\}/,
  },
];
