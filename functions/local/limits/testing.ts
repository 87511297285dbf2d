import { randomUUID } from "node:crypto";
import { afterAll, inject } from "vitest";
import type { LimitRule } from "../../../core/storage/limit-rules.ts";
import { serveLimits } from "./limits-server.ts";
import type { LimitSettings } from "./limits-settings.ts";
import type { Input, Item, Output } from "./protocol.ts";

export interface Limited {
  /** Calls an operation of DynamoDB, or of its streams; the answer has its status and error name beside it. */
  readonly call: (operation: string, input: object) => Promise<Output & { status: number; error?: string }>;
  readonly report: () => Promise<Report>;
  readonly endpoint: string;
}

export interface Report {
  readonly resources: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly hottest_keys: readonly { readonly key: string; readonly units: number }[];
  readonly operations: Readonly<Record<string, number>>;
  readonly unmodelled_operations: Readonly<Record<string, number>>;
  readonly partitions: Readonly<Record<string, number>>;
  readonly layer: { readonly added_ms: { readonly p50: number; readonly p99: number } };
  readonly bill: { readonly usd: number; readonly usd_a_month: number };
}

/** A layer with some rules in front of the test run's engine, until the file's tests have ended. */
export const openLimited = (
  rules: readonly LimitRule[],
  settings: Partial<Omit<LimitSettings, "rules">> = {},
): Limited => {
  const server = serveLimits({
    endpoint: inject("dynamodbEndpoint"),
    scale: 1,
    ...settings,
    rules: new Set(rules),
  });
  afterAll(server.stop);
  const { endpoint } = server;
  return {
    endpoint,
    call: async (operation, input) => {
      const service = /Stream|Shard|Records/.test(operation) ? "DynamoDBStreams" : "DynamoDB";
      const response = await fetch(endpoint, {
        method: "POST",
        headers: { "x-amz-target": `${service}_20120810.${operation}` },
        body: JSON.stringify(input),
      });
      const body = (await response.json()) as Output;
      const error = String(body.__type ?? "").split("#")[1];
      return { ...body, status: response.status, ...(error && { error }) };
    },
    report: async () => (await fetch(`${endpoint}/limits`)).json() as Promise<Report>,
  };
};

/** A new table with the hash key `id`, an index `byOwner` on `owner` that holds the keys and `note`, and a stream. */
export const createTable = async ({ call }: Limited, isIndexed = false): Promise<string> => {
  const TableName = `limits-${randomUUID()}`;
  const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: "S" });
  const key = (AttributeName: string, KeyType: string) => ({ AttributeName, KeyType });
  await call("CreateTable", {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [attribute("id"), ...(isIndexed ? [attribute("owner")] : [])],
    KeySchema: [key("id", "HASH")],
    ...(isIndexed && {
      GlobalSecondaryIndexes: [
        {
          IndexName: "byOwner",
          KeySchema: [key("owner", "HASH"), key("id", "RANGE")],
          Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["note"] },
        },
      ],
    }),
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  });
  return TableName;
};

/** An item of texts. */
export const item = (attributes: Readonly<Record<string, string>>): Item =>
  Object.fromEntries(Object.entries(attributes).map(([name, S]) => [name, { S }]));

/** An update that sets one attribute. */
export const setting = (TableName: string, id: string, attribute: string, value: string): Input =>
  ({
    TableName,
    Key: item({ id }),
    UpdateExpression: "SET #a = :v",
    ExpressionAttributeNames: { "#a": attribute },
    ExpressionAttributeValues: { ":v": { S: value } },
  }) as Input;
