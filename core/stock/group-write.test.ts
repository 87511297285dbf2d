import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { expect, test, vi } from "vitest";
import { DomainError } from "../errors.ts";
import { openTestShop, stockedProduct } from "../testing/fixtures.ts";
import type { MovementKind } from "./counters.ts";
import { NotWrittenError, writeGroup } from "./group-write.ts";
import { setStock } from "./stock.ts";

const shop = openTestShop();

/** Work that writes a cart of its own, and moves a piece of each of some counters. */
const member = (counters: readonly (readonly [productId: number, shard: number])[], kind: MovementKind) => {
  const userId = `user-${crypto.randomUUID()}`;
  const Item = { user_id: userId, version: 1 };
  return {
    work: {
      userId,
      items: [{ Put: { TableName: shop.tables.carts, Item } }],
      movements: counters.map(([product_id, shard]) => ({ product_id, shard, quantity: 1, kind })),
    },
  };
};

const cancelledFor = (...codes: readonly (string | undefined)[]): TransactionCanceledException =>
  new TransactionCanceledException({
    message: "Cancelled",
    $metadata: {},
    CancellationReasons: codes.map((Code) => (Code === undefined ? {} : { Code })),
  });

/** The outcome of a group whose transaction the storage refuses. */
const failing = async (error: unknown, members: readonly ReturnType<typeof member>[]): Promise<unknown> => {
  const send = vi.spyOn(shop.db, "send").mockRejectedValueOnce(error);
  try {
    return await writeGroup(shop, members).catch((failure) => failure);
  } finally {
    send.mockRestore();
  }
};

test("the counters of a transaction have an order of their own, not that of the members", async () => {
  const id = await stockedProduct(shop, 40);
  await setStock(shop, id, { available: 40, shards: 4 });
  const send = vi.spyOn(shop.db, "send");
  const members = [
    [2, 0],
    [3, 1],
  ].map((shards) =>
    member(
      shards.map((shard) => [id, shard]),
      "reserve",
    ),
  );
  expect(await writeGroup(shop, members)).toBeUndefined();
  const command = send.mock.calls[0]?.[0] as { input: TransactWriteCommandInput } | undefined;
  send.mockRestore();
  expect(command?.input.TransactItems?.flatMap(({ Update }) => Update?.Key?.stock_id ?? [])).toEqual(
    [0, 1, 2, 3].map((shard) => `${id}#${shard}`),
  );
});

test("a group is refused as a whole, and its answer names each member that found too little", async () => {
  const [scarce, ample] = [await stockedProduct(shop, 1), await stockedProduct(shop, 5)];
  const members = [[scarce], [scarce, ample], [ample]].map((ids) =>
    member(
      ids.map((id) => [id, 0]),
      "reserve",
    ),
  );
  const refused = await writeGroup(shop, members);
  expect([...(refused?.keys() ?? [])]).toEqual([members[1]]);
});

test.each(["STORAGE_CONFLICT", "STORAGE_UNAVAILABLE"] as const)(
  "%s: counters that are held or throttled are named, and members with a throttled item",
  async (code) => {
    const members = [member([[1, 0]], "sell"), member([[2, 0]], "sell"), member([[3, 0]], "sell")];
    const cause = cancelledFor(
      "None",
      "ThrottlingError",
      undefined,
      "TransactionConflict",
      "ProvisionedThroughputExceeded",
      undefined,
    );
    const error = new DomainError(code, "Not now", { cause });
    const failure = await failing(error, members);
    expect(failure).toBeInstanceOf(NotWrittenError);
    expect(failure).toMatchObject({
      name: "NotWrittenError",
      message: "Other transactions or throttled partitions kept the group from being written",
      held: ["1#0"],
      throttled: ["2#0"],
      owners: new Set([members[1]]),
      cause: error,
    });
  },
);

test("where only a cart is held, no counter is named", async () => {
  const error = new DomainError("STORAGE_CONFLICT", "Held", {
    cause: cancelledFor("TransactionConflict", "None"),
  });
  expect(await failing(error, [member([[1, 0]], "sell")])).toMatchObject({ held: [], throttled: [] });
});

test("a cancelled transaction that names no reasons is not written, and nothing is named", async () => {
  const cause = new TransactionCanceledException({ message: "Cancelled", $metadata: {} });
  const error = new DomainError("STORAGE_CONFLICT", "Held", { cause });
  const failure = await failing(error, [member([[1, 0]], "sell")]);
  expect(failure).toBeInstanceOf(NotWrittenError);
  expect(failure).toMatchObject({ held: [], throttled: [], owners: new Set() });
});

test.each([
  [
    "one whose answer got lost",
    new DomainError("DEADLINE_EXCEEDED", "Late", { cause: cancelledFor("None") }),
  ],
  ["one that failed otherwise", new DomainError("STORAGE_UNAVAILABLE", "Away", { cause: new Error("cut") })],
  ["a cancellation of another's", Object.assign(new Error("odd"), { code: "STORAGE_CONFLICT" })],
])("%s may have been written: its error stays what it is", async (_, error) => {
  expect(await failing(error, [member([[1, 0]], "sell")])).toBe(error);
});
