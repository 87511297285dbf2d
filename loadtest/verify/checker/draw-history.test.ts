import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFECTS } from "./defects.ts";
import { KINDS, type Kind } from "./finding.ts";
import { ORDER_DEFECTS } from "./order-defects.ts";
import { cleanStory, openStory } from "./story.ts";
import { judge, printVerdict } from "./verdict.ts";

const ALL = [...DEFECTS, ...ORDER_DEFECTS];

const judged = ({ make }: (typeof ALL)[number]) => {
  const { history, state } = cleanStory();
  make(state, history);
  return judge(history, state);
};

/** A defect of each kind, with the drawing that is expected of it. */
const DRAWN: readonly { kind: Kind; name: string; drawing: string }[] = [
  {
    kind: "oversold",
    name: "stock below zero",
    drawing: `
History of stock of product 1: 5 of 13 operations
  call  client  invoked ms  answered ms              operation                      answer
     1  -                0            1  ├┤          set stock of product 1 to 100  ok
     4  ann              6            7    ├┤        checkout with key a            ORD-A confirmed
     7  bob             12           13      ├┤      checkout                       ORD-B payment_failed
    10  cleo            18            -        ├┄┄?  checkout with key c            info
    11  cleo            20           21         ├┤   checkout with key c            ORD-C pending_payment
  stored: counter 0: -1 available, 0 reserved, 99 sold
  stored: counter 1: 0 available, 0 reserved, 2 sold
  stored: orders fulfilled: 2, with 6 pieces
  stored: orders payment_failed: 1, with 3 pieces`,
  },
  {
    kind: "lost",
    name: "two additions that saw the same cart: one update is lost",
    drawing: `
History of cart of ann: 5 of 14 operations
   call  client  invoked ms  answered ms              operation            answer
      2  ann              2            3  ├┤          add 1 of product 1   version 1 {"1":1}
      3  ann              4            5    ├┤        put 2 of product 1   version 2 {"1":2}
      4  ann              6            7      ├┤      checkout with key a  ORD-A confirmed
>     5  ann              8            9        ├┤    add 1 of product 1   version 4 {"1":1}
>    99  ann             49           59          ├┤  add 1 of product 1   version 4 {"1":1}
  stored: cart, version 4 {"1":1}
  stored: order ORD-A of ann, fulfilled: 2 of product 1, 2000 cents`,
  },
  {
    kind: "duplicate",
    name: "an order for a refused checkout with a key",
    drawing: `
History of order ORD-E: 1 of 13 operations
  call  client  invoked ms  answered ms      operation            answer
    13  eve             23           24  ├✗  checkout with key e  fail CART_EMPTY
  stored: order ORD-E of eve, fulfilled: 1 of product 1, 1000 cents
  stored: key eve#e of order ORD-E`,
  },
  {
    kind: "double charges",
    name: "a charge made twice",
    drawing: `
History of order ORD-A: 1 of 13 operations
  call  client  invoked ms  answered ms      operation            answer
     4  ann              6            7  ├┤  checkout with key a  ORD-A confirmed
  stored: order ORD-A of ann, fulfilled: 2 of product 1, 2000 cents
  stored: key ann#a of order ORD-A
  stored: charge of ORD-A, approved, 2000 cents
  stored: charge of ORD-A, approved, 2000 cents`,
  },
  {
    kind: "stuck",
    name: "a payment left open",
    drawing: `
History of order ORD-C: 2 of 13 operations
  call  client  invoked ms  answered ms        operation            answer
    10  cleo            18            -  ├┄┄?  checkout with key c  info
    11  cleo            20           21   ├┤   checkout with key c  ORD-C pending_payment
  stored: order ORD-C of cleo, pending_payment: 4 of product 1, 4000 cents
  stored: key cleo#c of order ORD-C
  stored: charge of ORD-C, approved, 4000 cents`,
  },
  {
    kind: "wrong",
    name: "a read that shows what was, a second after a later cart was acknowledged",
    drawing: `
History of cart of ann: 5 of 14 operations
   call  client  invoked ms  answered ms              operation            answer
      2  ann              2            3  ├┤          add 1 of product 1   version 1 {"1":1}
>     3  ann              4            5    ├┤        put 2 of product 1   version 2 {"1":2}
      4  ann              6            7      ├┤      checkout with key a  ORD-A confirmed
>     5  ann              8            9        ├┤    add 1 of product 1   version 4 {"1":1}
>    99  ann            999         1000          ├┤  read-cart            version 2 {"1":2}
  stored: cart, version 4 {"1":1}
  stored: order ORD-A of ann, fulfilled: 2 of product 1, 2000 cents`,
  },
];

test.for(DRAWN)("draws the history of $kind: $name", ({ kind, name, drawing }) => {
  const defect = ALL.find((candidate) => candidate.name === name);
  if (!defect) throw new Error(`There is no defect "${name}"`);
  const verdict = judged(defect);
  expect(verdict.findings.flatMap(({ violations }) => violations.map((v) => v.kind))).toContain(kind);
  expect(verdict.drawings).toContain(drawing.trim());
  expect(printVerdict(verdict)).toContain(drawing);
});

test.for(ALL)("draws one history for each key that is violated: $name", (defect) => {
  const verdict = judged(defect);
  const subjects = verdict.findings.flatMap(({ violations }) => violations.map(({ subject }) => subject));
  const keys = new Set(subjects.map((subject) => JSON.stringify(subject)));
  expect(verdict.drawings).toHaveLength(Math.min(5, keys.size));
});

test("draws nothing where nothing is violated", () => {
  const { history, state } = cleanStory();
  expect(judge(history, state).drawings).toEqual([]);
});

test("shows 24 operations of a long history, the call in question among them, and counts the others", () => {
  const { history, add } = openStory();
  for (let pieces = 1; pieces <= 100; pieces++) {
    const version = pieces === 60 ? 59 : pieces;
    add(
      { f: "add", user: "ann", product: 1, quantity: 1 },
      { type: "ok", cart: { version, quantities: { "1": pieces } } },
    );
  }
  const carts = [{ user_id: "ann", version: 100, quantities: { "1": 100 } }];
  const nothing = { orders: [], stock: [], charges: [], claims: [], deadLetters: [] };
  const [drawing = ""] = judge(history, { ...nothing, carts }).drawings;
  expect(drawing).toMatch(/^History of cart of ann: 100 of 100 operations\n {2}\d+ earlier\n/);
  expect(drawing).toMatch(/^> +60 /m);
  const [earlier = 0, later = 0] = [/(\d+) earlier/, /(\d+) later/].map((p) => Number(p.exec(drawing)?.[1]));
  expect(drawing.match(/^[> ] +\d+ {2}ann/gm)).toHaveLength(24);
  expect(earlier + 24 + later).toBe(100);
});

test("the guide shows a drawing as it is made, and names every check and count", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/reading-a-verdict.md"), "utf8");
  const { history, state } = cleanStory();
  for (const { check } of judge(history, state).findings) expect(page).toContain(`| ${check} |`);
  for (const kind of KINDS) expect(page).toContain(`| ${kind} |`);
  expect(page).toContain(DRAWN.find(({ kind }) => kind === "lost")?.drawing);
});
