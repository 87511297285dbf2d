import { BatchGetCommand, GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RETRY_SETTINGS } from "../resilience/retry.ts";
import { answering, type Script } from "../testing/scripted-dynamodb.ts";
import { openScriptedShop } from "../testing/scripted-shop.ts";
import { openRetryBudgets } from "./retry-budgets.ts";

const THROTTLED = answering(400, { __type: "com.amazonaws.dynamodb.v20120810#ThrottlingException" });
const FAILED = answering(500, {});
const FINE = answering(200, {});

let { server, shop } = {} as Awaited<ReturnType<typeof openScriptedShop>>;
beforeEach(async () => {
  ({ server, shop } = await openScriptedShop());
});
afterEach(() => server.stop());

const getFrom = (TableName: string) => new GetCommand({ TableName, Key: { id: "a" } });
const transaction = () =>
  new TransactWriteCommand({ TransactItems: [{ Delete: { TableName: "hot", Key: { id: "a" } } }] });

/** One table in trouble, and another of which each fourth call fails. */
const inTrouble = (trouble: Script): Script => {
  let others = 0;
  return (response, request) => {
    const isHot = request.body.includes('"hot"');
    if (!isHot) others += 1;
    const step = isHot ? trouble : others % 4 === 0 ? FAILED : FINE;
    step(response, request);
  };
};

test.each([
  { trouble: "throttled", answer: THROTTLED, call: () => shop.db.send(getFrom("hot")) },
  { trouble: "failing", answer: FAILED, call: () => shop.db.send(getFrom("hot")) },
  { trouble: "throttled for transactions", answer: THROTTLED, call: () => shop.db.send(transaction()) },
])("with one table $trouble, calls of another are retried as ever", async ({ answer, call }) => {
  server.play(inTrouble(answer));
  for (let round = 0; round < 60; round++) {
    await expect(call()).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
    await shop.db.send(getFrom("calm"));
  }
  // Nor does one table in trouble open the circuit.
  expect(shop.resilience.circuits.dynamodb.stats()).toMatchObject({ state: "closed", total_rejected: 0 });
});

test("a table has one budget, and calls of several tables have one together", () => {
  const budgets = openRetryBudgets(RETRY_SETTINGS);
  const batchOf = (...tables: string[]) =>
    new BatchGetCommand({
      RequestItems: Object.fromEntries(tables.map((table) => [table, { Keys: [{ id: "a" }] }])),
    });
  expect(budgets.of(batchOf("hot"))).toBe(budgets.of(getFrom("hot")));
  expect(budgets.of(getFrom("calm"))).not.toBe(budgets.of(getFrom("hot")));
  expect(budgets.of(batchOf("hot", "calm"))).toBe(budgets.of(transaction()));
  expect(budgets.of(transaction())).not.toBe(budgets.of(getFrom("hot")));
});
