import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect, test, vi } from "vitest";
import { DomainError } from "../errors.ts";
import { checkout } from "../order/checkout.ts";
import { fulfilOrder } from "../order/fulfilment.ts";
import { runInRequestScope } from "../request-scope.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { openGroupCommit } from "./group-commit.ts";
import { getStock } from "./stock.ts";
import type { Turn } from "./turns.ts";

const shop = openTestShop();

/** Transactions sent while the work is done. */
const transactionsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const send = vi.spyOn(shop.db, "send");
  await work();
  const sent = send.mock.calls.filter(([command]) => command.constructor.name === "TransactWriteCommand");
  send.mockRestore();
  return sent.length;
};

const buyersOf = (id: number, count: number, quantity = 1): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => userWithCart(shop, [id, quantity])));

const buy = (userId: string) => checkout(shop, { userId, paymentMethod: "pm_card_visa" });

const codeOf = (outcome: PromiseSettledResult<unknown>): string =>
  outcome.status === "fulfilled" ? "ok" : (outcome.reason as { code: string }).code;

test("orders that wait for one counter go into one transaction", async () => {
  const id = await stockedProduct(shop, 100);
  const users = await buyersOf(id, 40);
  const transactions = await transactionsOf(() => Promise.all(users.map(buy)));
  expect(transactions).toBeLessThan(20);
  expect(await getStock(shop, id)).toMatchObject({ available: 60, reserved: 40, sold: 0 });
});

test("the last pieces go to as many as there are, and the others hear that it is sold out", async () => {
  const id = await stockedProduct(shop, 7);
  const users = await buyersOf(id, 30);
  const outcomes = await Promise.allSettled(users.map(buy));
  const codes = Map.groupBy(outcomes.map(codeOf), (code) => code);
  expect([codes.get("ok")?.length, codes.get("OUT_OF_STOCK")?.length]).toEqual([7, 23]);
  expect(await getStock(shop, id)).toMatchObject({ available: 0, reserved: 7 });
});

test("a condition that refuses one order of a group does not refuse the others", async () => {
  const id = await stockedProduct(shop, 100);
  const [twice = "", ...users] = await buyersOf(id, 12);
  // The same cart again and again: it makes one order.
  const outcomes = await Promise.allSettled([...users, twice, twice, twice].map(buy));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(12);
  expect(await getStock(shop, id)).toMatchObject({ available: 88, reserved: 12 });
});

test("orders of several products, some of them shared, all come through", async () => {
  const ids = await Promise.all([20, 20, 20].map((pieces) => stockedProduct(shop, pieces)));
  const [a = 0, b = 0, c = 0] = ids;
  const carts: [number, number][][] = [
    [[a, 1]],
    [
      [a, 1],
      [b, 2],
    ],
    [
      [b, 1],
      [c, 1],
    ],
    [[c, 3]],
    [
      [a, 1],
      [b, 1],
      [c, 1],
    ],
  ];
  const users = await Promise.all([...carts, ...carts].map((lines) => userWithCart(shop, ...lines)));
  const orders = await Promise.all(users.map(buy));
  expect(await Promise.all(ids.map((id) => getStock(shop, id)))).toMatchObject([
    { available: 14, reserved: 6 },
    { available: 12, reserved: 8 },
    { available: 10, reserved: 10 },
  ]);
  const transactions = await transactionsOf(() =>
    Promise.all(orders.map(({ order }) => fulfilOrder(shop, order.order_id))),
  );
  expect(transactions).toBeLessThan(orders.length);
  expect(await getStock(shop, a)).toMatchObject({ available: 14, reserved: 0, sold: 6 });
});

test("sales and releases of one counter that meet keep all of its pieces", async () => {
  const id = await stockedProduct(shop, 50);
  const [first, second] = [await buyersOf(id, 10), await buyersOf(id, 20)];
  const orders = await Promise.all(first.map(buy));
  const declined = second.map((userId, i) =>
    checkout(shop, { userId, paymentMethod: i % 2 ? "pm_card_visa" : "pm_card_chargeDeclined" }),
  );
  await Promise.all([...orders.map(({ order }) => fulfilOrder(shop, order.order_id)), ...declined]);
  expect(await getStock(shop, id)).toMatchObject({ available: 30, reserved: 10, sold: 10 });
});

test("one whose time is up does not take the others along", async () => {
  const id = await stockedProduct(shop, 100);
  const [late = "", ...users] = await buyersOf(id, 10);
  const caller = new AbortController();
  const gone = runInRequestScope({ requestId: "late", signal: caller.signal }, () => buy(late));
  const others = users.map(buy);
  caller.abort();
  await expect(gone).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(await Promise.all(others)).toHaveLength(9);
});

test("nothing is begun for a request whose time is up already", async () => {
  const id = await stockedProduct(shop, 3);
  const movements = [{ product_id: id, shard: 0, quantity: 1, kind: "reserve" }] as const;
  const scope = { requestId: "late", signal: AbortSignal.abort() };
  const committing = runInRequestScope(scope, () =>
    shop.stock.commit({ userId: "late", items: [], movements }),
  );
  await expect(committing).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  // Had it been sent, this later one would follow it.
  await shop.stock.commit({ userId: "prompt", items: [], movements });
  expect(await getStock(shop, id)).toMatchObject({ available: 2, reserved: 1 });
});

test("a group that met others takes its turn, and orders that come meanwhile go along", async () => {
  const id = await stockedProduct(shop, 10);
  const asked: string[] = [];
  const turn = Promise.withResolvers<Turn>();
  const giveBack = vi.fn();
  const stock = openGroupCommit(shop, (counter) => {
    asked.push(counter);
    return turn.promise;
  });
  const met: string[] = [];
  stock.onContention((counters) => met.push(...counters));
  const reserve = (userId: string) =>
    stock.commit({
      userId,
      items: [],
      movements: [{ product_id: id, shard: 0, quantity: 1, kind: "reserve" }],
    });
  const send = vi.spyOn(shop.db, "send").mockRejectedValueOnce(
    new DomainError("STORAGE_CONFLICT", "Held", {
      cause: new TransactionCanceledException({
        message: "Held",
        $metadata: {},
        CancellationReasons: [{ Code: "TransactionConflict" }],
      }),
    }),
  );
  const first = reserve("first");
  await expect.poll(() => asked).toHaveLength(1);
  send.mockRestore();
  const others = ["second", "third"].map(reserve);
  const transactions = await transactionsOf(async () => {
    turn.resolve({ counter: asked[0] ?? "", isHeld: true, hasWaited: true, giveBack });
    await Promise.all([first, ...others]);
  });
  expect(transactions).toBe(1);
  expect(await getStock(shop, id)).toMatchObject({ available: 7, reserved: 3 });
  expect([asked, met]).toEqual([[met[0]], [asked[0], asked[0]]]); // Its transaction, then its turn.
  await expect.poll(() => giveBack.mock.calls.length).toBe(1);
});
