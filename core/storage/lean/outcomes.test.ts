import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { readConfig } from "../../config/config.ts";
import { bothClients, outcomeOf } from "../../testing/storage-clients.ts";
import type { DocumentCommand } from "../client.ts";

const { endpoint = "", tables } = readConfig().dynamodb;
const { lean, sdk } = bothClients(endpoint);
const TableName = tables.carts;

type Item = Record<string, unknown>;
const put = (Item: Item, more: object = {}) => new PutCommand({ TableName, Item, ...more });
const IS_NEW = { ConditionExpression: "attribute_not_exists(user_id)" };
const RETURN_OLD = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
const change = (user_id: string, more: object = {}) => ({
  TableName,
  Key: { user_id },
  UpdateExpression: "ADD version :one",
  ExpressionAttributeValues: { ":one": 1 },
  ...more,
});
const everything = {
  text: "",
  number: 0.1,
  large: 2n ** 60n,
  yes: true,
  none: null,
  absent: undefined,
  bytes: new Uint8Array([0, 255]),
  tags: new Set(["a", "b"]),
  sizes: new Set([1, 2.5]),
  nested: { list: [1, "two", { three: [] }], empty: {} },
};

/** Each a story on one cart: its calls in turn, which end alike by either client. */
const STORIES: Readonly<Record<string, (id: string) => DocumentCommand[]>> = {
  "every type comes back": (user_id) => [
    put({ user_id, ...everything }),
    new GetCommand({ TableName, Key: { user_id }, ConsistentRead: true }),
    new GetCommand({ TableName, Key: { user_id }, ProjectionExpression: "nested" }),
    new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [{ user_id }, { user_id: "nobody" }] } } }),
    new DeleteCommand({ TableName, Key: { user_id }, ReturnValues: "ALL_OLD" }),
    new GetCommand({ TableName, Key: { user_id } }),
  ],
  "updates return what they are asked for": (user_id) => [
    new UpdateCommand(change(user_id, { ReturnValues: "ALL_NEW" })),
    new UpdateCommand(change(user_id, { ReturnValues: "UPDATED_OLD" })),
    new UpdateCommand(change(user_id)),
  ],
  "a refused condition": (user_id) => [
    put({ user_id, ...everything }),
    put({ user_id }, IS_NEW),
    put({ user_id }, { ...IS_NEW, ...RETURN_OLD }),
    new UpdateCommand(change(user_id, { ...IS_NEW, ...RETURN_OLD })),
  ],
  "a cancelled transaction": (user_id) => [
    put({ user_id, ...everything }),
    new TransactWriteCommand({
      TransactItems: [
        { Update: change(`${user_id}-other`) },
        { Put: { TableName, Item: { user_id }, ...IS_NEW, ...RETURN_OLD } },
        { ConditionCheck: { TableName, Key: { user_id }, ConditionExpression: "attribute_exists(tags)" } },
      ],
    }),
    new GetCommand({ TableName, Key: { user_id: `${user_id}-other` } }),
  ],
  "a transaction": (user_id) => [
    put({ user_id }),
    new TransactWriteCommand({
      TransactItems: [
        { Update: change(`${user_id}-other`) },
        { Delete: { TableName, Key: { user_id } } },
        { Put: { TableName, Item: { user_id: `${user_id}-third`, ...everything } } },
      ],
      ClientRequestToken: user_id.padEnd(36, "-").slice(0, 36),
    }),
  ],
  "queries and scans": (user_id) => [
    put({ user_id }),
    new QueryCommand({
      TableName,
      KeyConditionExpression: "user_id = :id",
      ExpressionAttributeValues: { ":id": user_id },
    }),
    new QueryCommand({
      TableName: tables.orders,
      IndexName: "byUser",
      KeyConditionExpression: "user_id = :id",
      ExpressionAttributeValues: { ":id": user_id },
      ScanIndexForward: false,
      Limit: 5,
    }),
    new ScanCommand({ TableName: tables.deadLetters, Select: "COUNT" }),
  ],
  "a command of the client itself": () => [new DescribeTableCommand({ TableName })],
  "malformed requests": (user_id) => [
    new UpdateCommand(change(user_id, { UpdateExpression: "PLEASE" })),
    new GetCommand({ TableName, Key: { wrong: 1 } }),
    new GetCommand({ TableName: "no-such-table", Key: { user_id } }),
    new TransactWriteCommand({ TransactItems: [{ Update: change(user_id) }, { Update: change(user_id) }] }),
    new BatchGetCommand({ RequestItems: {} }),
  ],
};

/** With the names of both clients' items made the same. */
const told = async (client: typeof lean, id: string, story: (id: string) => DocumentCommand[]) => {
  const outcomes: object[] = [];
  for (const command of story(id)) outcomes.push(await outcomeOf(client, command));
  const seen = new Map<unknown, unknown>();
  const plain = (value: unknown): unknown => {
    if (typeof value === "string") return value.replaceAll(id, "ID");
    if (typeof value !== "object" || value === null || value instanceof Uint8Array || value instanceof Set)
      return value;
    if (!seen.has(value)) {
      const entries = Object.entries(value).filter(([name]) => name !== "requestId");
      seen.set(
        value,
        Array.isArray(value) ? value.map(plain) : Object.fromEntries(entries.map(([k, v]) => [k, plain(v)])),
      );
    }
    return seen.get(value);
  };
  return outcomes.map(plain);
};

test.for(Object.entries(STORIES))("ends as with the SDK: %s", async ([name, story]) => {
  const id = `story-${name.replaceAll(" ", "-")}`;
  const expected = await told(sdk, `${id}-1`, story);
  expect(await told(lean, `${id}-2`, story)).toEqual(expected);
});
