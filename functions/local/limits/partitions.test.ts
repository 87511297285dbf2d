import { expect, test } from "vitest";
import { FIRST_PARTITIONS, openPartitions, type Partitions } from "./partitions.ts";
import { createTable, item, openLimited } from "./testing.ts";

/** Partitions with a clock of their own, in milliseconds. */
const withClock = () => {
  const clock = { now: 0 };
  const partitions = openPartitions({ scale: 1, heatSeconds: 10, growthSeconds: 60, now: () => clock.now });
  return { clock, partitions };
};

/** How many of the writes of one unit are let in, spread over the hashes in turn. */
const writes = (partitions: Partitions, hashes: readonly number[], count: number): number => {
  let admitted = 0;
  for (let i = 0; i < count; i++) {
    const hash = hashes[i % hashes.length] ?? 0;
    if (!partitions.admits(hash, "write")) continue;
    partitions.take(hash, "write", 1);
    admitted += 1;
  }
  return admitted;
};

const EVERYWHERE = Array.from({ length: 1_000 }, (_, i) => Math.floor((2 ** 32 / 1_000) * i));

test("gives one key 1,000 writes a second, and a new table 4,000", () => {
  const { clock, partitions } = withClock();
  expect(writes(partitions, [7], 5_000)).toBe(1_000);
  clock.now = 500;
  expect(writes(partitions, [7], 5_000)).toBe(500);
  clock.now = 10_000;
  expect(writes(partitions, EVERYWHERE, 20_000)).toBe(FIRST_PARTITIONS * 1_000);
});

test("lets a partition go into debt and pay it back", () => {
  const { clock, partitions } = withClock();
  partitions.take(7, "write", 3_000);
  clock.now = 2_000;
  expect(partitions.admits(7, "write")).toBe(false);
  expect(partitions.admits(7, "read")).toBe(true);
  clock.now = 2_500;
  expect(writes(partitions, [7], 5_000)).toBe(500);
});

test("splits a partition that stays hot, but never an item", () => {
  const hot = withClock();
  for (let second = 0; second < 30; second++) {
    hot.clock.now = second * 1_000;
    writes(hot.partitions, [7], 2_000);
  }
  expect(hot.partitions.count()).toBe(FIRST_PARTITIONS);
  const two = withClock();
  const admitted = Array.from({ length: 30 }, (_, second) => {
    two.clock.now = second * 1_000;
    return writes(two.partitions, [7, 9], 4_000);
  });
  expect(admitted[1]).toBe(1_000);
  expect(admitted.at(-1)).toBe(2_000);
  expect(two.partitions.count()).toBe(FIRST_PARTITIONS + 1);
});

test("grows to twice the peak of the last half hour", () => {
  const { clock, partitions } = withClock();
  for (let second = 0; second <= 61; second++) {
    clock.now = second * 1_000;
    writes(partitions, EVERYWHERE, 3_000);
  }
  expect(partitions.count()).toBe(6);
});

/** A hundredth of the capacity, and a clock that stands still: what fits into one second. */
const STILL = { scale: 0.01, now: () => 1_000_000 };

test("throttles the writes of one key as the service words it", async () => {
  const layer = openLimited(["partitions"], STILL);
  const table = await createTable(layer);
  const put = { TableName: table, Item: item({ id: "hot" }) };
  const answers = await Promise.all(Array.from({ length: 30 }, () => layer.call("PutItem", put)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
  const refused = answers.find(({ status }) => status !== 200);
  expect(refused).toMatchObject({
    error: "ThrottlingException",
    throttlingReasons: [
      { reason: "TableWriteKeyRangeThroughputExceeded", resource: expect.stringMatching(`table/${table}$`) },
    ],
  });
  expect(refused?.message).toContain("Throughput exceeds the current capacity of your table or index");
  expect((await layer.report()).resources[table]).toMatchObject({ write_units: 10, throttled_writes: 20 });
});

test("throttles writes for the sake of a hot index partition, and reads of it", async () => {
  const layer = openLimited(["partitions"], STILL);
  const table = await createTable(layer, true);
  const puts = Array.from({ length: 30 }, (_, i) => item({ id: `a${i}`, owner: "one" }));
  const answers = [];
  for (const Item of puts) answers.push(await layer.call("PutItem", { TableName: table, Item }));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
  expect(answers.at(-1)).toMatchObject({
    throttlingReasons: [
      { reason: "IndexWriteKeyRangeThroughputExceeded", resource: expect.stringMatching("index/byOwner$") },
    ],
  });
  const query = {
    TableName: table,
    IndexName: "byOwner",
    KeyConditionExpression: "#o = :o",
    ExpressionAttributeNames: { "#o": "owner" },
    ExpressionAttributeValues: { ":o": { S: "one" } },
  };
  const queries = [];
  for (let i = 0; i < 70; i++) queries.push(await layer.call("Query", query));
  // Half a unit each, of 30.
  expect(queries.filter(({ status }) => status === 200)).toHaveLength(60);
  expect(queries.at(-1)).toMatchObject({
    throttlingReasons: [{ reason: "IndexReadKeyRangeThroughputExceeded" }],
  });
});

test("leaves over what a batch has no units for, and cancels a transaction for it", async () => {
  const layer = openLimited(["partitions"], STILL);
  const table = await createTable(layer);
  const put = (id: string) => ({ PutRequest: { Item: item({ id }) } });
  for (let i = 0; i < 9; i++) await layer.call("PutItem", { TableName: table, Item: item({ id: "hot" }) });
  const batch = await layer.call("BatchWriteItem", { RequestItems: { [table]: [put("hot"), put("cold")] } });
  expect(batch).toEqual({ status: 200, UnprocessedItems: {} });
  const over = await layer.call("BatchWriteItem", { RequestItems: { [table]: [put("hot"), put("cold")] } });
  expect(over).toEqual({ status: 200, UnprocessedItems: { [table]: [put("hot")] } });
  const transaction = await layer.call("TransactWriteItems", {
    TransactItems: ["cold", "hot"].map((id) => ({ Put: { TableName: table, Item: item({ id }) } })),
  });
  expect(transaction.error).toBe("TransactionCanceledException");
  expect(transaction.CancellationReasons).toMatchObject([{ Code: "None" }, { Code: "ThrottlingError" }]);
  const all = await layer.call("BatchWriteItem", { RequestItems: { [table]: [put("hot")] } });
  expect(all.error).toBe("ThrottlingException");
});
