import { expect, test } from "vitest";
import { DEFECTS, found, order } from "./defects.ts";
import { ORDER_DEFECTS } from "./order-defects.ts";
import { cleanStory } from "./story.ts";
import { judge, printVerdict } from "./verdict.ts";

test("a clean run passes, and every check has something to examine", () => {
  const { history, state } = cleanStory();
  const verdict = judge(history, state);
  expect(verdict.findings.flatMap(({ violations }) => violations)).toEqual([]);
  expect(verdict.isOk).toBe(true);
  expect(verdict.findings.filter(({ examined }) => examined === 0)).toEqual([]);
  expect(printVerdict(verdict)).toMatch(
    /VERDICT: ok — 0 oversold, 0 lost, 0 duplicate, 0 double charges, 0 stuck$/,
  );
});

test.for([...DEFECTS, ...ORDER_DEFECTS])("caught: $name", ({ make, check, kind, says }) => {
  const { history, state } = cleanStory();
  make(state, history);
  const verdict = judge(history, state);
  const { violations = [] } = verdict.findings.find((finding) => finding.check === check) ?? {};
  expect(violations).toContainEqual(expect.objectContaining({ kind, message: expect.stringMatching(says) }));
  expect(verdict.isOk).toBe(false);
  expect(printVerdict(verdict)).toMatch(/VERDICT: VIOLATED/);
});

test("an addition with an unknown outcome may have been made or not, but not in part", () => {
  const { history, state } = cleanStory();
  state.carts = state.carts.filter(({ user_id }) => user_id !== "dan");
  expect(judge(history, state).isOk).toBe(true);
  state.carts.push({ user_id: "dan", version: 1, quantities: { "1": 4 } });
  expect(judge(history, state).isOk).toBe(false);
});

test("an addition acknowledged without a cart has a place of its own beside one of unknown outcome", () => {
  const { history, state } = cleanStory();
  const add = { f: "add", user: "fay", product: 1, quantity: 3 } as const;
  const at = history.length + 1_000;
  history.push(
    { type: "invoke", call: 501, time: at, action: add },
    { type: "info", call: 501, time: at + 1, error: "STORAGE_UNAVAILABLE" },
    { type: "invoke", call: 502, time: at + 2, action: add },
    { type: "ok", call: 502, time: at + 3 }, // Replayed: its cart is of another moment.
    { type: "invoke", call: 503, time: at + 4, action: { ...add, quantity: 1 } },
    { type: "ok", call: 503, time: at + 5, cart: { version: 2, quantities: { "1": 4 } } },
  );
  const stored = { user_id: "fay", version: 2, quantities: { "1": 4 } };
  state.carts.push(stored);
  expect(judge(history, state).findings.flatMap(({ violations }) => violations)).toEqual([]);
  // Without it, that was lost.
  stored.quantities = { "1": 1 };
  expect(judge(history, state).isOk).toBe(false);
});

test("without anything that was asked, nothing is ok", () => {
  const { state } = cleanStory();
  const nothing = { orders: [], stock: [], carts: [], charges: [], claims: [], deadLetters: [] };
  expect(judge([], nothing)).toMatchObject({ outcome: "undecided", isOk: false });
  expect(judge([], { ...nothing, stock: state.stock }).isOk).toBe(false);
});

test("a read that was under way while the cart changed may show either", () => {
  const { history, state } = cleanStory();
  history.unshift({ type: "invoke", call: 99, time: 0, action: { f: "read-cart", user: "ann" } });
  history.push({ type: "ok", call: 99, time: 1_000, cart: { version: 2, quantities: { "1": 2 } } });
  expect(judge(history, state).isOk).toBe(true);
});

test("an unpaid order may keep the pieces that its cart had no room for, as far as it says so", () => {
  const { history, state } = cleanStory();
  Object.assign(order(state, "ORD-B"), { not_restored: [{ product_id: 1, quantity: 1 }] });
  expect(judge(history, state).isOk).toBe(false);
  Object.assign(found(state.carts, ({ user_id }) => user_id === "bob").quantities, { "1": 2 });
  for (const event of history) {
    if (event.type === "ok" && event.cart?.version === 3) Object.assign(event.cart.quantities, { "1": 2 });
  }
  expect(judge(history, state).isOk).toBe(true);
});
