import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { expect, test, vi } from "vitest";
import { DomainError } from "../errors.ts";
import { checkout } from "../order/checkout.ts";
import { runInRequestScope } from "../request-scope.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { readLayout } from "./read-counters.ts";
import { reshard } from "./reshard.ts";
import { getStock, setStock } from "./stock.ts";

const shop = openTestShop();

const buy = async (productId: number, quantity = 1) =>
  checkout(shop, { userId: await userWithCart(shop, [productId, quantity]), paymentMethod: "pm_card_visa" });

const shardsOf = async (productId: number): Promise<number> => (await readLayout(shop, productId)).shards;

/** The reason by which DynamoDB cancels a transaction, and the shop's error code for it. */
const [HELD, THROTTLED] = [
  ["TransactionConflict", "STORAGE_CONFLICT"],
  ["ThrottlingError", "STORAGE_UNAVAILABLE"],
] as const;

/**
 * The embedded engine runs one transaction after the other, however many: DynamoDB cancels those that meet, and those
 * whose partitions have no units left.
 *
 * @param position held
 * @returns how many were cancelled
 */
const meetOthers = async (
  times: number,
  position: number,
  work: () => Promise<unknown>,
  [reason, code]: typeof HELD | typeof THROTTLED = HELD,
): Promise<number> => {
  const { send } = shop.db;
  const held = () =>
    new DomainError(code, "Held", {
      cause: new TransactionCanceledException({
        message: "Held",
        $metadata: {},
        CancellationReasons: Array.from({ length: position + 1 }, (_, at) => ({
          Code: at === position ? reason : "None",
        })),
      }),
    });
  let met = 0;
  const spy = vi.spyOn(shop.db, "send").mockImplementation(((command: {
    input: TransactWriteCommandInput;
  }) => {
    const { TransactItems = [] } = command.input;
    // Of a split, another item has the position, whose throttling would be no business of the counter's.
    const isMeant = reason === "TransactionConflict" ? TransactItems.length > 0 : TransactItems.length === 3;
    const isMet = isMeant && met < times;
    if (isMet) met += 1;
    return isMet ? Promise.reject(held()) : send(command as never);
  }) as unknown as typeof send);
  try {
    await work();
    await shop.sharding.idle();
  } finally {
    spy.mockRestore();
  }
  return met;
};

/** An order that waits for others however long it takes, so that a slow machine does not refuse it. */
const buyInTheEnd = (productId: number) =>
  runInRequestScope({ requestId: "patient", conflictPatience: 60_000 }, () => buy(productId));

/** Of an order's items: the order, the cart, then its one counter. */
const [CART, COUNTER] = [1, 2];

test("a product gets more counters by itself once its transactions keep meeting others", async () => {
  const id = await stockedProduct(shop, 1_000);
  const changes = shop.metrics.total("StockLayoutChanges");
  await meetOthers(3, COUNTER, () => buyInTheEnd(id));
  expect(await shardsOf(id)).toBe(1);
  await meetOthers(4, COUNTER, () => buyInTheEnd(id));
  expect(await shardsOf(id)).toBe(4);
  await meetOthers(4, COUNTER, () => buyInTheEnd(id));
  expect(await shardsOf(id)).toBe(16);
  await meetOthers(4, COUNTER, () => buyInTheEnd(id));
  expect(await getStock(shop, id)).toMatchObject({ available: 996, reserved: 4, shards: 16 });
  expect(shop.metrics.total("StockLayoutChanges")).toBe(changes + 2);
});

test("a product gets more counters by itself once its counter keeps being throttled", async () => {
  const id = await stockedProduct(shop, 1_000);
  await meetOthers(3, COUNTER, () => buyInTheEnd(id), THROTTLED);
  expect(await shardsOf(id)).toBe(1);
  await meetOthers(4, COUNTER, () => buyInTheEnd(id), THROTTLED);
  expect(await shardsOf(id)).toBe(4);
  expect(await getStock(shop, id)).toMatchObject({ available: 998, reserved: 2 });
});

test("conflicts on something else do not split a product", async () => {
  const id = await stockedProduct(shop, 1_000);
  await meetOthers(6, CART, () => buyInTheEnd(id));
  expect(await shardsOf(id)).toBe(1);
});

test("a product whose counters were set by hand keeps them", async () => {
  const id = await stockedProduct(shop, 1_000);
  await setStock(shop, id, { available: 1_000, shards: 1 });
  await meetOthers(6, COUNTER, () => buyInTheEnd(id));
  expect(await shardsOf(id)).toBe(1);
});

test("an order that keeps meeting others is refused within a checkout's objective, and nothing is taken", async () => {
  const id = await stockedProduct(shop, 5);
  const startedAt = performance.now();
  await meetOthers(1_000, COUNTER, () => expect(buy(id)).rejects.toMatchObject({ code: "STORAGE_CONFLICT" }));
  expect(performance.now() - startedAt).toBeGreaterThan(1_500);
  expect(await getStock(shop, id)).toMatchObject({ available: 5, reserved: 0 });
});

test("an order whose cart others hold is tried again after pauses", async () => {
  const id = await stockedProduct(shop, 5);
  const patience = 500;
  const buying = () => runInRequestScope({ requestId: "one", conflictPatience: patience }, () => buy(id));
  const met = await meetOthers(10_000, CART, () =>
    expect(buying()).rejects.toMatchObject({ code: "STORAGE_CONFLICT" }),
  );
  expect(met).toBeLessThanOrEqual(patience / shop.config.retry.baseDelay + 1);
  expect(await getStock(shop, id)).toMatchObject({ available: 5, reserved: 0 });
});

const HALF_A_MINUTE = 30_001;

test("a split product that sells slowly gets fewer counters, step by step", async () => {
  const id = await stockedProduct(shop, 1_000);
  await reshard(shop, id, () => 16);
  const sold: number[] = [];
  for (let look = 0; look < 4; look++) {
    await buy(id);
    await shop.sharding.idle();
    sold.push(await shardsOf(id));
    shop.advance(HALF_A_MINUTE);
  }
  expect(sold).toEqual([16, 4, 1, 1]);
  expect(await getStock(shop, id)).toMatchObject({ available: 996, reserved: 4 });
});

test("one that sells fast keeps its counters, whichever process sells it", async () => {
  const other = openTestShop();
  const id = await stockedProduct(shop, 1_000);
  await reshard(shop, id, () => 4);
  await buy(id);
  await shop.sharding.idle();
  const elsewhere = await userWithCart(other, [id, 90]);
  await checkout(other, { userId: elsewhere, paymentMethod: "pm_card_visa" });
  shop.advance(HALF_A_MINUTE);
  await buy(id);
  await shop.sharding.idle();
  expect(await shardsOf(id)).toBe(4);
});
