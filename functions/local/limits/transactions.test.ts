import { expect, test } from "vitest";
import { createTable, item, openLimited, setting } from "./testing.ts";
import { openTokens, TOKEN_MS } from "./transactions.ts";

const layer = openLimited(["transactions"]);

const transaction = (table: string, ids: readonly string[], ClientRequestToken?: string, body = "x") => ({
  TransactItems: ids.map((id) => ({ Put: { TableName: table, Item: item({ id, body }) } })),
  ...(ClientRequestToken && { ClientRequestToken }),
});

test("cancels a transaction that overlaps another, naming the item", async () => {
  const table = await createTable(layer);
  const [first, second] = await Promise.all([
    layer.call("TransactWriteItems", transaction(table, ["a", "b"])),
    layer.call("TransactWriteItems", transaction(table, ["c", "b", "d"])),
  ]);
  const [won, lost] = first.status === 200 ? [first, second] : [second, first];
  expect(won.status).toBe(200);
  expect(lost.error).toBe("TransactionCanceledException");
  const codes = (lost.CancellationReasons as { Code: string }[]).map(({ Code }) => Code);
  expect(codes.filter((code) => code === "TransactionConflict")).toHaveLength(1);
  expect(lost.message).toBe(
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(", ")}]`,
  );
  expect((await layer.report()).resources[table]?.conflicts).toBe(1);
});

test("rejects single writes to an item that a transaction holds, and lets reads through", async () => {
  const table = await createTable(layer);
  const going = layer.call("TransactWriteItems", transaction(table, ["a"]));
  // Sent after the transaction, on another connection: repeated until the transaction has arrived.
  let rejected = await layer.call("UpdateItem", setting(table, "a", "n", "1"));
  for (let i = 0; i < 20 && rejected.status === 200; i++) {
    rejected = await layer.call("UpdateItem", setting(table, "a", "n", "1"));
  }
  expect(rejected.error).toBe("TransactionConflictException");
  expect(rejected.message).toBe("Transaction is ongoing for the item");
  expect((await layer.call("GetItem", { TableName: table, Key: item({ id: "a" }) })).status).toBe(200);
  expect((await layer.call("PutItem", { TableName: table, Item: item({ id: "z" }) })).status).toBe(200);
  expect((await going).status).toBe(200);
  expect((await layer.call("UpdateItem", setting(table, "a", "n", "2"))).status).toBe(200);
});

test("gives refused conditions back as they are, and releases the items", async () => {
  const table = await createTable(layer);
  const guarded = {
    TransactItems: [
      {
        ConditionCheck: {
          TableName: table,
          Key: item({ id: "a" }),
          ConditionExpression: "attribute_exists(id)",
        },
      },
    ],
  };
  const refused = await layer.call("TransactWriteItems", guarded);
  expect(refused.CancellationReasons).toMatchObject([{ Code: "ConditionalCheckFailed" }]);
  expect((await layer.call("PutItem", { TableName: table, Item: item({ id: "a" }) })).status).toBe(200);
});

test("carries out a transaction once for its token, and says so while it is going on", async () => {
  const table = await createTable(layer);
  const token = crypto.randomUUID();
  const add = (by: string) => ({
    ClientRequestToken: token,
    TransactItems: [
      {
        Update: {
          TableName: table,
          Key: item({ id: "counter" }),
          UpdateExpression: "ADD n :by",
          ExpressionAttributeValues: { ":by": { N: by } },
        },
      },
    ],
  });
  const both = await Promise.all([
    layer.call("TransactWriteItems", add("1")),
    layer.call("TransactWriteItems", add("1")),
  ]);
  expect(both.map(({ error, status }) => error ?? status).toSorted()).toEqual([
    200,
    "TransactionInProgressException",
  ]);
  expect((await layer.call("TransactWriteItems", add("1"))).status).toBe(200);
  expect((await layer.call("TransactWriteItems", add("5"))).error).toBe(
    "IdempotentParameterMismatchException",
  );
  const { Item } = await layer.call("GetItem", {
    TableName: table,
    Key: item({ id: "counter" }),
    ConsistentRead: true,
  });
  expect(Item?.n).toEqual({ N: "1" });
});

test("forgets a token after ten minutes, and one whose transaction failed at once", () => {
  let now = 0;
  const tokens = openTokens(() => now);
  expect(tokens.begin("t", [1])).toBeUndefined();
  tokens.end("t", { status: 400, body: {} });
  expect(tokens.begin("t", [2])).toBeUndefined();
  tokens.end("t", { status: 200, body: {} });
  now = TOKEN_MS - 1;
  expect(tokens.begin("t", [2])?.status).toBe(200);
  now = TOKEN_MS;
  expect(tokens.begin("t", [3])).toBeUndefined();
});
