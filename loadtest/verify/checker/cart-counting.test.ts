import { expect, test } from "vitest";
import type { Action } from "./history.ts";
import { openStory, orderOf } from "./story.ts";
import { judge, printVerdict, type Verdict } from "./verdict.ts";

const USER = "ann";
const add = (quantity: number, product = 1): Action => ({ f: "add", user: USER, product, quantity });

/** Additions and the like whose answers never came, far too many to try them all, and what is stored in the end. */
const judgeTangle = (actions: readonly Action[], version: number, pieces: number, ordered = 0): Verdict => {
  const story = openStory();
  for (const action of actions) story.add(action, undefined);
  const orders = ordered > 0 ? [orderOf("ORD-T", USER, "fulfilled", ordered)] : [];
  if (ordered > 0) story.add({ f: "checkout", user: USER, payment_method: "pm_card_visa" }, undefined);
  return judge(story.history, {
    orders,
    stock: [{ product_id: 1, shard: 0, available: 0, reserved: 0, sold: ordered }],
    carts: [{ user_id: USER, version, quantities: pieces > 0 ? { "1": pieces } : {} }],
    charges: orders.map(({ total_cents }) => {
      return { charge_key: "ORD-T", outcome: "approved", amount_cents: total_cents };
    }),
    claims: [],
    deadLetters: [],
  });
};

const range = (count: number, step = 1): number[] => Array.from({ length: count }, (_, i) => (i + 1) * step);
const inCarts = ({ findings }: Verdict) => findings.find(({ check }) => check === "carts add up");

test.for([
  {
    name: "an order of pieces that nobody added",
    verdict: () =>
      judgeTangle(
        range(22, 2).map((pieces) => add(pieces)),
        9,
        50,
        7,
      ),
    kind: "duplicate",
    says: /order ORD-T .* has 7 of product 1, which its additions make in no way/,
  },
  {
    name: "an order of a product that nobody added",
    verdict: () =>
      judgeTangle(
        range(22).map((product) => add(1, product + 1)),
        12,
        0,
        7,
      ),
    kind: "duplicate",
    says: /order ORD-T .* has 7 of product 1/,
  },
  {
    name: "more pieces ordered and left than were added",
    verdict: () =>
      judgeTangle(
        range(22).map((pieces) => add(pieces)),
        20,
        250,
        7,
      ),
    kind: "duplicate",
    says: /257 of product 1 were ordered or are left, but at most 253 were added/,
  },
])("far more writes of unknown outcome than can be tried: $name", ({ verdict, kind, says }) => {
  const judged = verdict();
  expect(inCarts(judged)).toMatchObject({ undecided: 0, violations: [{ kind }] });
  expect(inCarts(judged)?.violations[0]?.message).toMatch(says);
  expect(judged.outcome).toBe("violated");
});

test("a cart that neither a search nor counting decides is not ok, and the last line says so", () => {
  // Eight of them make 148 pieces at the most; to see that all eights have to be tried.
  const verdict = judgeTangle(
    range(22).map((pieces) => add(pieces)),
    8,
    149,
  );
  expect(verdict).toMatchObject({ outcome: "undecided", isOk: false });
  expect(inCarts(verdict)).toMatchObject({ undecided: 1, violations: [] });
  expect(printVerdict(verdict)).toMatch(
    /VERDICT: undecided — 0 oversold, 0 lost, 0 duplicate, 0 double charges, 0 stuck, 1 undecided$/,
  );
});
