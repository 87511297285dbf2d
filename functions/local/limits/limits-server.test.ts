import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, inject, test, vi } from "vitest";
import { serveLimits } from "./limits-server.ts";
import { startLimits } from "./start-limits.ts";
import { createTable, item, openLimited, type Report } from "./testing.ts";

const MAIN = join(import.meta.dirname, "limits-main.ts");

test("passes on what it does not model, and counts it", async () => {
  const layer = openLimited(["units", "partitions", "transactions", "indexes"]);
  const table = await createTable(layer);
  expect((await layer.call("ListTables", {})).TableNames).toContain(table);
  expect((await layer.call("Nonsense", {})).error).toBe("UnknownOperationException");
  const { unmodelled_operations } = await layer.report();
  expect(unmodelled_operations).toMatchObject({ ListTables: 1, Nonsense: 1, CreateTable: 1 });
});

test("leaves the database's own errors as they are", async () => {
  const layer = openLimited(["units", "partitions", "transactions", "indexes"]);
  const missing = { TableName: "no-such-table", Item: item({ id: "a" }) };
  expect((await layer.call("PutItem", missing)).error).toBe("ResourceNotFoundException");
  const table = await createTable(layer);
  const bad = await layer.call("UpdateItem", {
    TableName: table,
    Key: item({ id: "a" }),
    UpdateExpression: "nonsense",
  });
  expect(bad.error).toBe("ValidationException");
});

test("answers 500 for a database that is gone", async () => {
  const { endpoint, stop } = serveLimits({ endpoint: "http://127.0.0.1:9", rules: new Set(), scale: 1 });
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { "x-amz-target": "DynamoDB_20120810.GetItem" },
    body: JSON.stringify({ TableName: "any", Key: {} }),
  });
  await stop();
  expect(answer.status).toBe(500);
  expect(await answer.json()).toMatchObject({ __type: expect.stringContaining("InternalServerError") });
});

test("sends large batches whole", async () => {
  const layer = openLimited(["units"]);
  const table = await createTable(layer);
  const body = "x".repeat(100_000);
  const puts = Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: item({ id: `a${i}`, body }) } }));
  expect(await layer.call("BatchWriteItem", { RequestItems: { [table]: puts } })).toMatchObject({
    status: 200,
  });
  const { Count } = await layer.call("Scan", { TableName: table, Select: "COUNT" });
  expect(Count).toBeGreaterThan(0);
});

test("the layer's own delay does not contain the time for which transactions are held", async () => {
  const layer = openLimited(["transactions"]);
  const table = await createTable(layer);
  const put = (id: string) => ({ Put: { TableName: table, Item: item({ id }) } });
  for (const id of ["a", "b", "c"]) await layer.call("TransactWriteItems", { TransactItems: [put(id)] });
  expect((await layer.report()).layer.added_ms).toEqual({ p50: 0, p99: 0 });
  await layer.call("GetItem", { TableName: table, Key: item({ id: "a" }) });
  expect((await layer.report()).layer.added_ms.p50).toBeGreaterThan(0);
});

test("pages of a scan, which have no key, are not among the hottest keys", async () => {
  const layer = openLimited(["units", "partitions"]);
  const table = await createTable(layer, true);
  await layer.call("PutItem", { TableName: table, Item: item({ id: "a", owner: "ann" }) });
  for (let i = 0; i < 3; i++) await layer.call("Scan", { TableName: table });
  await layer.call("Scan", { TableName: table, IndexName: "byOwner" });
  const { resources, hottest_keys } = await layer.report();
  expect(resources[table]?.read_units).toBeGreaterThan(0);
  expect(resources[`${table}/byOwner`]?.read_units).toBeGreaterThan(0);
  expect(hottest_keys.map(({ key }) => key).toSorted()).toEqual([`${table} a`, `${table}/byOwner ann`]);
});

test("names as many of the hottest keys as it is asked for, ten unless told", async () => {
  const layer = openLimited(["units"]);
  const table = await createTable(layer);
  for (let i = 0; i < 12; i++) await layer.call("PutItem", { TableName: table, Item: item({ id: `a${i}` }) });
  expect((await layer.report()).hottest_keys).toHaveLength(10);
  const all = (await (await fetch(`${layer.endpoint}/limits?keys=5000`)).json()) as Report;
  expect(all.hottest_keys).toHaveLength(12);
});

test("runs as a process of its own that ends when told", async () => {
  const layer = await startLimits(inject("dynamodbEndpoint"), { rules: ["units"], scale: 0.5 });
  const report = (await (await fetch(`${layer.endpoint}/limits`)).json()) as object;
  expect(report).toMatchObject({ rules: ["units"], scale: 0.5 });
  await layer.stop();
  await expect(fetch(layer.endpoint)).rejects.toThrow();
});

test.for([
  ["--rules", "units,gravity", 'There is no rule "gravity"'],
  ["--rules", "", 'There is no rule ""'],
  ["--scale", "much", 'A scale is a number above 0, got "much"'],
  ["--scale", "0", 'A scale is a number above 0, got "0"'],
] as const)("a process with %s %j does not start, and says why", async ([name, value, problem]) => {
  const child = spawn(process.execPath, [MAIN, "--rules", "units", name, value], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  expect(await text(child.stderr)).toContain(problem);
  await vi.waitFor(() => expect(child.exitCode).toBe(2));
});

test("refuses to stand in front of AWS", async () => {
  const aws = "https://dynamodb.eu-central-1.amazonaws.com";
  await expect(startLimits(aws, { rules: ["units"], scale: 1 })).rejects.toThrow(aws);
});
