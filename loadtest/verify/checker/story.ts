import type { Action, Completion, HistoryEvent } from "./history.ts";
import type { OrderRow, State } from "./state.ts";

/** Changes that tests make to create a defect. */
export type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

export interface Story {
  readonly history: HistoryEvent[];
  readonly state: Mutable<State>;
}

type Answer = Omit<Completion, "call" | "time">;

/** Writes a history, one operation after the other unless a pause is left open. */
export const openStory = () => {
  const history: HistoryEvent[] = [];
  let time = 0;
  let call = 0;
  return {
    history,
    add(action: Action, answer: Answer | undefined): void {
      call += 1;
      history.push({ type: "invoke", call, time: ++time, action });
      if (answer) history.push({ ...answer, call, time: ++time });
    },
  };
};

const PRICE_CENTS = 1_000;
export const PIECES = 100;

export const orderOf = (
  order_id: string,
  user_id: string,
  status: string,
  quantity: number,
): Mutable<OrderRow> => ({
  order_id,
  user_id,
  status,
  lines: [{ product_id: 1, quantity, price_cents: PRICE_CENTS }],
  total_cents: quantity * PRICE_CENTS,
});

const cart = (version: number, ...quantity: number[]) => ({
  version,
  quantities: Object.fromEntries(quantity.map((pieces) => ["1", pieces])),
});

const told = ({ order_id, status, total_cents }: OrderRow, answered = status) => ({
  order_id,
  status: answered,
  total_cents,
});

/**
 * A run without a defect. Ann buys two pieces and keeps one in her cart, Bob is declined, Cleo's answer is
 * cut off and comes under the same key, Dan's addition is cut off but was made, Eve is refused.
 */
export const cleanStory = (): Story => {
  const { history, add } = openStory();
  const paid = orderOf("ORD-A", "ann", "fulfilled", 2);
  const declined = orderOf("ORD-B", "bob", "payment_failed", 3);
  const late = orderOf("ORD-C", "cleo", "fulfilled", 4);
  const pay = { f: "checkout", payment_method: "pm_card_visa" } as const;

  add({ f: "set-stock", product: 1, available: PIECES }, { type: "ok" });
  add({ f: "add", user: "ann", product: 1, quantity: 1 }, { type: "ok", cart: cart(1, 1) });
  add({ f: "put", user: "ann", product: 1, quantity: 2 }, { type: "ok", cart: cart(2, 2) });
  add({ ...pay, user: "ann", key: "a" }, { type: "ok", order: told(paid, "confirmed") });
  add({ f: "add", user: "ann", product: 1, quantity: 1 }, { type: "ok", cart: cart(4, 1) });
  add({ f: "add", user: "bob", product: 1, quantity: 3 }, { type: "ok", cart: cart(1, 3) });
  add({ ...pay, user: "bob" }, { type: "ok", order: { order_id: "ORD-B", status: "payment_failed" } });
  add({ f: "read-cart", user: "bob" }, { type: "ok", cart: cart(3, 3) });
  add({ f: "add", user: "cleo", product: 1, quantity: 4 }, { type: "ok", cart: cart(1, 4) });
  add({ ...pay, user: "cleo", key: "c" }, { type: "info" });
  add({ ...pay, user: "cleo", key: "c" }, { type: "ok", order: told(late, "pending_payment") });
  add({ f: "add", user: "dan", product: 1, quantity: 5 }, undefined);
  add({ ...pay, user: "eve", key: "e" }, { type: "fail", status: 400, error: "CART_EMPTY" });

  const approved = (charge_key: string, amount_cents: number) => {
    return { charge_key, outcome: "approved", amount_cents };
  };
  const state: Mutable<State> = {
    orders: [paid, declined, late],
    stock: [
      { product_id: 1, shard: 0, available: PIECES - 6, reserved: 0, sold: 4 },
      { product_id: 1, shard: 1, available: 0, reserved: 0, sold: 2 },
    ],
    carts: [
      { user_id: "ann", ...cart(4, 1) },
      { user_id: "bob", ...cart(3, 3) },
      { user_id: "cleo", ...cart(2) },
      { user_id: "dan", ...cart(1, 5) },
    ],
    charges: [
      approved("ORD-A", 2_000),
      { charge_key: "ORD-B", outcome: "declined" },
      approved("ORD-C", 4_000),
    ],
    claims: [
      { idempotency_key: "ann#a", order_id: "ORD-A" },
      { idempotency_key: "cleo#c", order_id: "ORD-C" },
    ],
    deadLetters: [],
  };
  return { history, state };
};
