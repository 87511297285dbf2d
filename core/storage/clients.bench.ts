/**
 * Processor time of a storage call in its caller, for each client of DynamoDB. Writes rows as JSON; `npm run
 * bench -- storage` runs it with `DYNAMODB_ENDPOINT` set.
 */
import { randomUUID } from "node:crypto";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { readConfig } from "../config/config.ts";
import { openResilience } from "../resilience/resilience.ts";
import { openLogger } from "../telemetry/logger.ts";
import { openRecorder } from "../telemetry/recorder.ts";
import type { DocumentCommand, StorageClient } from "./client.ts";
import { dynamodbClientSettings } from "./client-settings.ts";
import { openDatabase } from "./database.ts";
import { openLeanClient } from "./lean/lean-client.ts";
import { openSdkClient } from "./sdk-client.ts";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const CALLS = 1_000;
/** As many requests of a busy process wait for storage at once. */
const AT_ONCE = 8;
const KEYS = 100;
const TableName = `bench-${randomUUID()}`;

const config = readConfig({ ...process.env, LOG_LEVEL: "SILENT", METRICS_INTERVAL_MS: "60000" });
const { dynamodb } = config;
const metrics = openRecorder();
const log = openLogger(config);
const isFailure = { dynamodb: () => true, redis: () => true, payment: () => true };
const resilience = openResilience({
  ...config,
  mode: "on",
  faultsEnabled: false,
  metrics,
  log,
  now: Date.now,
  isFailure,
});

const limits = { timeout: 10_000 };
const by = (client: StorageClient) => (command: DocumentCommand) => client.prepare(command)(limits);
const lean = by(openLeanClient(dynamodb));
const sdk = by(openSdkClient(dynamodb));
const port = openDatabase(config, metrics, resilience, log);
const throughPort = (command: DocumentCommand) => port.send(command as never) as Promise<object>;

let last = 0;
const nextId = (): string => `product-${(last = (last + 1) % KEYS)}`;

const get = (): DocumentCommand => new GetCommand({ TableName, Key: { id: nextId() }, ConsistentRead: true });
const change = () => ({
  TableName,
  Key: { id: nextId() },
  UpdateExpression: "SET available = available - :quantity, updated_at = :at ADD version :one",
  ConditionExpression: "available >= :quantity",
  ExpressionAttributeValues: { ":quantity": 1, ":at": new Date().toISOString(), ":one": 1 },
});
const update = (): DocumentCommand => new UpdateCommand({ ...change(), ReturnValues: "ALL_NEW" });
const transaction = (): DocumentCommand =>
  new TransactWriteCommand({
    TransactItems: Array.from({ length: 4 }, () => ({ Update: change() })),
    ClientRequestToken: randomUUID(),
  });

const plain = (operation: string, body: string) => async (): Promise<object> => {
  const response = await fetch(dynamodb.endpoint ?? "", {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      authorization:
        "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
    },
    body,
  });
  return (await response.json()) as object;
};

const OPERATIONS = { GetItem: get, UpdateItem: update, "transaction of 4": transaction };
const WAYS = { sdk, lean, "lean, through the port": throughPort };

const subjects: { operation: string; way: string; call: () => Promise<object> }[] = [
  ...Object.entries(OPERATIONS).flatMap(([operation, command]) =>
    Object.entries(WAYS).map(([way, send]) => ({ operation, way, call: () => send(command()) })),
  ),
  {
    operation: "GetItem",
    way: "plain fetch, unsigned",
    call: plain("GetItem", JSON.stringify({ TableName, Key: { id: { S: "product-1" } } })),
  },
];

/** Microseconds of this process's processor time a call. */
const cost = async (call: () => Promise<object>): Promise<number> => {
  const before = process.cpuUsage();
  let left = CALLS;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
};

await new DynamoDBClient(dynamodbClientSettings(dynamodb)).send(
  new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  }),
);
for (let key = 0; key < KEYS; key++) {
  const Item = {
    id: `product-${key}`,
    sku: `SKU-${key}`,
    name: "Oak desk lamp",
    price_cents: 1999,
    available: 1e9,
    version: 1,
  };
  await lean(new PutCommand({ TableName, Item }));
}

const costs = subjects.map((): number[] => []);
for (let round = -3; round < ROUNDS; round++) {
  // In turn, so that what the machine does beside hits all of them alike; the first rounds warm the compiler up.
  for (const [index, { call }] of subjects.entries()) {
    const us = await cost(call);
    if (round >= 0) costs[index]?.push(us);
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const rows = subjects.map(({ operation, way }, index) => {
  const own = costs[index] ?? [];
  const sdkIndex = subjects.findIndex((subject) => subject.operation === operation && subject.way === "sdk");
  return {
    operation,
    way,
    "CPU us a call": Math.round(median(own)),
    "min-max": `${Math.round(Math.min(...own))}-${Math.round(Math.max(...own))}`,
    "to the SDK": Number((median(own) / median(costs[sdkIndex] ?? [])).toFixed(2)),
  };
});
console.log(JSON.stringify(rows));
process.exit(0);
