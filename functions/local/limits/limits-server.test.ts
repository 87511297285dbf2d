import { expect, inject, test } from "vitest";
import { serveLimits } from "./limits-server.ts";
import { startLimits } from "./start-limits.ts";
import { createTable, item, openLimited } from "./testing.ts";

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

test("runs as a process of its own that ends when told", async () => {
  const layer = await startLimits(inject("dynamodbEndpoint"), { rules: ["units"], scale: 0.5 });
  const report = (await (await fetch(`${layer.endpoint}/limits`)).json()) as object;
  expect(report).toMatchObject({ rules: ["units"], scale: 0.5 });
  await layer.stop();
  await expect(fetch(layer.endpoint)).rejects.toThrow();
});

test("refuses to stand in front of AWS", async () => {
  const aws = "https://dynamodb.eu-central-1.amazonaws.com";
  await expect(startLimits(aws, { rules: ["units"], scale: 1 })).rejects.toThrow(aws);
});
