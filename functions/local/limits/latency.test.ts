import { expect, test } from "vitest";
import type { LimitRule } from "../../../core/storage/limit-rules.ts";
import { draw, LATENCIES } from "./latency.ts";
import { createTable, item, openLimited } from "./testing.ts";

test("draws from a distribution with its median and its tail", () => {
  const drawn = Array.from({ length: 50_000 }, () => draw({ median: 10, p99: 100 })).toSorted(
    (a, b) => a - b,
  );
  expect(drawn[25_000]).toBeGreaterThan(9.5);
  expect(drawn[25_000]).toBeLessThan(10.5);
  expect(drawn[49_500]).toBeGreaterThan(80);
  expect(drawn[49_500]).toBeLessThan(125);
});

const medianRead = async (layer: ReturnType<typeof openLimited>, table: string): Promise<number> => {
  const times = Array.from({ length: 60 }, async () => {
    const startedAt = performance.now();
    await layer.call("GetItem", { TableName: table, Key: item({ id: "a" }) });
    return performance.now() - startedAt;
  });
  return (await Promise.all(times)).toSorted((a, b) => a - b)[30] ?? 0;
};

test("makes calls take as long as on AWS, and longer in a brown-out", async () => {
  const usual = openLimited(["latency"]);
  const table = await createTable(usual);
  expect(await medianRead(usual, table)).toBeGreaterThan(LATENCIES.read.median / 2);
  expect(await medianRead(openLimited(["latency", "brown-out"]), table)).toBeGreaterThan(
    LATENCIES.read.median * 5,
  );
});

const transactionTimes = async (rules: readonly LimitRule[]): Promise<number[]> => {
  const layer = openLimited(rules);
  const table = await createTable(layer);
  const times = Array.from({ length: 30 }, async (_, i) => {
    const startedAt = performance.now();
    const put = { Put: { TableName: table, Item: item({ id: `a${i}` }) } };
    const { error = "none" } = await layer.call("TransactWriteItems", { TransactItems: [put] });
    expect(["none", "InternalServerError"]).toContain(error);
    return performance.now() - startedAt;
  });
  return (await Promise.all(times)).toSorted((a, b) => a - b);
};

test.for([["transactions"], ["latency"]] as const)(
  "transactions take their time by the rule %s alone, and longer in a brown-out",
  async ([rule]) => {
    expect((await transactionTimes([rule]))[15]).toBeGreaterThan(LATENCIES.transaction.median / 2);
    expect((await transactionTimes([rule, "brown-out"]))[15]).toBeGreaterThan(
      LATENCIES.transaction.median * 5,
    );
  },
);

test("a brown-out alone makes all calls take long", async () => {
  const layer = openLimited(["brown-out"]);
  expect(await medianRead(layer, await createTable(layer))).toBeGreaterThan(LATENCIES.read.median * 5);
  expect((await transactionTimes(["brown-out"]))[15]).toBeGreaterThan(LATENCIES.transaction.median * 5);
});

test("fails some calls in a brown-out, after they may have been carried out", async () => {
  const layer = openLimited(["brown-out"]);
  const table = await createTable(layer);
  const put = (_: unknown, i: number) =>
    layer.call("PutItem", { TableName: table, Item: item({ id: `a${i}` }) });
  let failed = 0;
  // Each call has a connection of its own, and the files that a process may have open are limited.
  for (let round = 0; round < 6; round++) {
    const answers = await Promise.all(Array.from({ length: 50 }, put));
    failed += answers.filter(({ error }) => error === "InternalServerError").length;
  }
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThan(100);
});
