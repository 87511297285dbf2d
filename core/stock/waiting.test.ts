import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect, test, vi } from "vitest";
import { DomainError } from "../errors.ts";
import { runInRequestScope } from "../request-scope.ts";
import { openTestShop, stockedProduct } from "../testing/fixtures.ts";
import { openGroupCommit } from "./group-commit.ts";
import { getStock } from "./stock.ts";
import type { Turn } from "./turns.ts";

const shop = openTestShop();

/** Takes one piece of a product. */
const reserving = (product_id: number, userId: string) => ({
  userId,
  items: [],
  movements: [{ product_id, shard: 0, quantity: 1, kind: "reserve" } as const],
});

/** Has the next transaction wait until it is let go. */
const holdTransaction = () => {
  const { promise, resolve: letGo } = Promise.withResolvers<void>();
  const { send } = shop.db;
  const sending = vi.spyOn(shop.db, "send").mockImplementationOnce((async (command: never) => {
    await promise;
    return send(command);
  }) as typeof send);
  return { letGo, sending };
};

test("work whose time ends while it waits for a counter is refused at once, and never written", async () => {
  const id = await stockedProduct(shop, 5);
  const { letGo, sending } = holdTransaction();
  const first = shop.stock.commit(reserving(id, "first"));
  const caller = new AbortController();
  const late = runInRequestScope({ requestId: "late", signal: caller.signal }, () =>
    shop.stock.commit(reserving(id, "late")),
  );
  const last = shop.stock.commit(reserving(id, "last"));
  caller.abort();
  await expect(late).rejects.toMatchObject({
    code: "DEADLINE_EXCEEDED",
    message: "The request ran out of time waiting for storage",
    retryAfterSeconds: 1,
  });
  letGo();
  sending.mockRestore();
  expect(await Promise.all([first, last])).toEqual([undefined, undefined]);
  expect(await getStock(shop, id)).toMatchObject({ available: 3, reserved: 2 });
});

test("a request knows that storage was asked for it", async () => {
  const id = await stockedProduct(shop, 5);
  const scope = { requestId: "one", hasAskedStorage: false };
  await runInRequestScope(scope, () => shop.stock.commit(reserving(id, "one")));
  expect(scope.hasAskedStorage).toBe(true);
});

test("a turn for work whose time ended before it is given back at once", async () => {
  const id = await stockedProduct(shop, 5);
  const turns: ((turn: Turn) => void)[] = [];
  const stock = openGroupCommit(shop, () => new Promise((resolve) => turns.push(resolve)));
  const met = vi.fn();
  stock.onContention(met);
  const cause = new TransactionCanceledException({
    message: "Held",
    $metadata: {},
    CancellationReasons: [{ Code: "TransactionConflict" }],
  });
  const send = vi
    .spyOn(shop.db, "send")
    .mockRejectedValueOnce(new DomainError("STORAGE_CONFLICT", "Held", { cause }));
  const caller = new AbortController();
  const late = runInRequestScope({ requestId: "late", signal: caller.signal }, () =>
    stock.commit(reserving(id, "late")),
  );
  late.catch(() => undefined);
  await expect.poll(() => turns.length).toBe(1);
  send.mockRestore();
  caller.abort();
  const giveBack = vi.fn();
  turns[0]?.({ counter: `${id}#0`, isHeld: true, hasWaited: false, giveBack });
  await expect.poll(() => giveBack.mock.calls.length).toBe(1);
  await expect(late).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(met).toHaveBeenCalledTimes(1); // Of the conflict: nobody was waited for.
  expect(await getStock(shop, id)).toMatchObject({ available: 5, reserved: 0 });
});
