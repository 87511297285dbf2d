import { beforeAll, expect, test } from "vitest";
import { endWithTests } from "../harness/end-with-tests.ts";
import { startEngine } from "../harness/engine-and-redis.ts";
import { startLimits } from "../harness/limits-layer.ts";
import { ALL_KEYS, countsBetween, limitMet, readLimits } from "./limit-counts.ts";
import { limitsSection } from "./limits-section.ts";

const TABLE = "tickets";
let port = 0;

const call = async (operation: string, input: object): Promise<{ __type?: string }> => {
  const headers = { "x-amz-target": `DynamoDB_20120810.${operation}` };
  const body = JSON.stringify({ TableName: TABLE, ...input });
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: "POST", headers, body });
  return (await answer.json()) as { __type?: string };
};

const put = (id: string) => call("PutItem", { Item: { id: { S: id } } });

beforeAll(async () => {
  const engine = await startEngine();
  endWithTests(engine.stop);
  // One write unit a second for each partition.
  const layer = await startLimits(engine, "units,partitions", 0.001);
  endWithTests(layer.stop);
  port = layer.port;
  await call("CreateTable", {
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  });
});

test("tells which limit was met, and what the time between two counts would cost", async () => {
  await put("before");
  const before = await readLimits(port, ALL_KEYS);
  const answers = await Promise.all(Array.from({ length: 20 }, () => put("hot")));
  const refused = answers.filter(({ __type = "" }) => __type.endsWith("#ThrottlingException")).length;
  expect(refused).toBeGreaterThan(10);

  const after = await readLimits(port, ALL_KEYS);
  expect(limitMet(before.resources, after.resources)).toMatchObject({
    name: `write units of table ${TABLE}`,
    refused,
    units: 20 - refused,
  });
  const between = countsBetween(before, after);
  expect(between.operations.PutItem).toBe(20);
  // Not the key that was written before.
  expect(between.hottest_keys).toEqual([{ key: `${TABLE} hot`, units: 20 - refused }]);
  expect(between.bill.usd).toBeCloseTo((20 - refused) * 0.625e-6, 9);
  expect(between.layer.added_ms.p50).toBeGreaterThan(0);
});

test("names no limit where nothing was refused", async () => {
  const { resources } = await readLimits(port);
  expect(limitMet(resources, resources)).toBeUndefined();
});

test("writes a section for each stage, and none without the layer", async () => {
  const counts = await readLimits(port);
  const section = limitsSection([counts, counts]);
  expect(section?.sentences.join(" ")).toContain("A month at that rate would cost $");
  expect(section?.tables.map(({ title }) => title)).toEqual([
    "Units, throttles and conflicts by table and index, stage 1",
    "Hottest keys, stage 1",
    "Units, throttles and conflicts by table and index, stage 2",
    "Hottest keys, stage 2",
  ]);
  expect(limitsSection([])).toBeUndefined();
});
