import { expect, test } from "vitest";
import { createTable, item, openLimited, setting } from "./testing.ts";
import { itemBytes, readUnits, writeUnits } from "./units.ts";

const layer = openLimited(["units"]);

test("sizes items by DynamoDB's rules", () => {
  expect(itemBytes({ id: { S: "né" } })).toBe(2 + 3);
  expect(itemBytes({ n: { N: "12345" } })).toBe(1 + 3 + 1);
  expect(itemBytes({ n: { N: "-1200" } })).toBe(1 + 1 + 1 + 1);
  expect(itemBytes({ b: { B: "AAEC" } })).toBe(1 + 3);
  expect(itemBytes({ t: { BOOL: true }, z: { NULL: true } })).toBe(4);
  expect(itemBytes({ l: { L: [{ S: "ab" }] } })).toBe(1 + 3 + 1 + 2);
  expect(itemBytes({ m: { M: { k: { S: "ab" } } } })).toBe(1 + 3 + 1 + 1 + 2);
});

test("rounds writes up to 1 KB and reads up to 4 KB", () => {
  expect([0, 1_024, 1_025, 4_096].map(writeUnits)).toEqual([1, 1, 2, 4]);
  expect([0, 4_096, 4_097].map((bytes) => readUnits(bytes, true))).toEqual([1, 1, 2]);
  expect(readUnits(4_097, false)).toBe(1);
});

/** Units that calls take: of writes and reads of the table, and of writes of its index. */
const unitsOf = async (table: string, calls: () => Promise<unknown>): Promise<number[]> => {
  const read = async () => {
    const { resources } = await layer.report();
    const [own, index] = [resources[table], resources[`${table}/byOwner`]];
    return [own?.write_units ?? 0, own?.read_units ?? 0, index?.write_units ?? 0];
  };
  const before = await read();
  await calls();
  return (await read()).map((units, at) => units - (before[at] ?? 0));
};

test("counts writes by the larger of the item before and after, and each index entry written", async () => {
  const table = await createTable(layer, true);
  const big = { TableName: table, Item: item({ id: "a", owner: "ann", body: "x".repeat(2_500) }) };
  expect(await unitsOf(table, () => layer.call("PutItem", big))).toEqual([3, 0, 1]);
  expect(await unitsOf(table, () => layer.call("UpdateItem", setting(table, "a", "body", "x")))).toEqual([
    3, 0, 0,
  ]);
  // The entry moves to another key: one is deleted and one is put.
  expect(await unitsOf(table, () => layer.call("UpdateItem", setting(table, "a", "owner", "bob")))).toEqual([
    1, 0, 2,
  ]);
  expect(
    await unitsOf(table, () => layer.call("DeleteItem", { TableName: table, Key: item({ id: "a" }) })),
  ).toEqual([1, 0, 1]);
});

test("counts a write whose condition was refused", async () => {
  const table = await createTable(layer);
  const put = { TableName: table, Item: item({ id: "a" }), ConditionExpression: "attribute_exists(id)" };
  expect(await unitsOf(table, () => layer.call("PutItem", put))).toEqual([1, 0, 0]);
});

test("counts reads by size and consistency, and transactions twice", async () => {
  const table = await createTable(layer);
  await layer.call("PutItem", { TableName: table, Item: item({ id: "a", body: "x".repeat(5_000) }) });
  const get = { TableName: table, Key: item({ id: "a" }) };
  expect(await unitsOf(table, () => layer.call("GetItem", get))).toEqual([0, 1, 0]);
  expect(await unitsOf(table, () => layer.call("GetItem", { ...get, ConsistentRead: true }))).toEqual([
    0, 2, 0,
  ]);
  const batch = { RequestItems: { [table]: { Keys: [get.Key, item({ id: "none" })] } } };
  expect(await unitsOf(table, () => layer.call("BatchGetItem", batch))).toEqual([0, 1.5, 0]);
  const put = { TableName: table, Item: item({ id: "b", body: "x".repeat(1_500) }) };
  expect(
    await unitsOf(table, () => layer.call("TransactWriteItems", { TransactItems: [{ Put: put }] })),
  ).toEqual([4, 0, 0]);
  expect(
    await unitsOf(table, () => layer.call("TransactGetItems", { TransactItems: [{ Get: get }] })),
  ).toEqual([0, 4, 0]);
});

test("reports consumed capacity only to those who ask for it", async () => {
  const table = await createTable(layer);
  const put = { TableName: table, Item: item({ id: "a" }) };
  expect(await layer.call("PutItem", put)).toEqual({ status: 200 });
  const { ConsumedCapacity } = await layer.call("PutItem", { ...put, ReturnConsumedCapacity: "TOTAL" });
  expect(ConsumedCapacity).toMatchObject({ TableName: table, CapacityUnits: 1 });
});

test("names the hottest keys and the bill", async () => {
  const own = openLimited(["units"]);
  const table = await createTable(own);
  for (const id of ["hot", "cold", "hot", "hot"]) {
    await own.call("PutItem", { TableName: table, Item: item({ id }) });
  }
  const { hottest_keys, bill } = await own.report();
  expect(hottest_keys[0]).toEqual({ key: `${table} hot`, units: 3 });
  expect(bill.usd).toBeCloseTo((4 * 0.625) / 1e6, 12);
});
