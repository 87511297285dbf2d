// biome-ignore-all lint/style/noExcessiveLinesPerFile: a generator an operation, compared by one test
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  NumberValue,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { anyText } from "../../../loadtest/harness/any-text.ts";
import { runs } from "../../../loadtest/harness/property-runs.ts";
import { answering, type CapturedRequest, startScriptedDynamoDB } from "../../testing/scripted-dynamodb.ts";
import { bothClients, outcomeOf } from "../../testing/storage-clients.ts";
import type { DocumentCommand } from "../client.ts";

let server: Awaited<ReturnType<typeof startScriptedDynamoDB>>;
beforeAll(async () => {
  server = await startScriptedDynamoDB();
});
afterAll(() => server.stop());
afterEach(() => vi.unstubAllEnvs());

const RUNS = runs(30);

const text = anyText({ maxLength: 12 });
const leaf = fc.oneof(
  text,
  fc.constantFrom("", "\u2028", "\ud800", 'é\n"\\\u0001', "__proto__"),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 1e21, 1e-7, 2 ** 60),
  fc.bigInt(),
  fc.bigInt().map((value) => NumberValue.from(String(value))),
  fc.boolean(),
  fc.constantFrom(null, undefined, () => 1, new Date(0)),
  fc.uint8Array({ maxLength: 5 }),
  fc.uniqueArray(text, { maxLength: 3 }).map((members) => new Set(members)),
  fc.uniqueArray(fc.integer(), { maxLength: 3 }).map((members) => new Set(members)),
  fc.array(fc.uint8Array({ maxLength: 3 }), { maxLength: 2 }).map((members) => new Set(members)),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(text, tie("value"), { maxKeys: 3 }),
    fc.dictionary(text, tie("value"), { maxKeys: 2 }).map((members) => new Map(Object.entries(members))),
  ),
}));
const item = fc.dictionary(fc.stringMatching(/^[a-z_#:]{1,8}$/), value, { maxKeys: 4 });
const table = fc.stringMatching(/^[a-z.-]{3,20}$/);
const names = fc.dictionary(fc.stringMatching(/^#[a-z]{1,4}$/), text, { maxKeys: 2 });

const condition = {
  ConditionExpression: text,
  ExpressionAttributeNames: names,
  ExpressionAttributeValues: item,
};
const put = fc.record(
  { TableName: table, Item: item, ...condition },
  { requiredKeys: ["TableName", "Item"] },
);
const remove = fc.record(
  { TableName: table, Key: item, ...condition },
  { requiredKeys: ["TableName", "Key"] },
);
const change = fc.record(
  { TableName: table, Key: item, UpdateExpression: text, ...condition },
  { requiredKeys: ["TableName", "Key", "UpdateExpression"] },
);
const get = fc.record(
  { TableName: table, Key: item, ConsistentRead: fc.boolean(), ProjectionExpression: text, Unknown: text },
  { requiredKeys: ["TableName", "Key"] },
);
const page = {
  TableName: table,
  IndexName: text,
  Limit: fc.nat(),
  Select: fc.constant("COUNT"),
  ConsistentRead: fc.boolean(),
  ExclusiveStartKey: item,
  FilterExpression: text,
  ExpressionAttributeNames: names,
  ExpressionAttributeValues: item,
};
const returned = { ReturnValues: fc.constantFrom("ALL_NEW", "ALL_OLD") };

const COMMANDS: Readonly<Record<string, fc.Arbitrary<DocumentCommand>>> = {
  GetItem: get.map((input) => new GetCommand(input as never)),
  PutItem: fc.tuple(put, fc.record(returned)).map((parts) => new PutCommand(Object.assign({}, ...parts))),
  UpdateItem: fc
    .tuple(change, fc.record(returned))
    .map((parts) => new UpdateCommand(Object.assign({}, ...parts))),
  DeleteItem: remove.map((input) => new DeleteCommand(input as never)),
  Query: fc
    .record(
      { ...page, KeyConditionExpression: text, ScanIndexForward: fc.boolean() },
      { requiredKeys: ["TableName"] },
    )
    .map((input) => new QueryCommand(input as never)),
  Scan: fc
    .record({ ...page, Segment: fc.nat(), TotalSegments: fc.nat() }, { requiredKeys: ["TableName"] })
    .map((input) => new ScanCommand(input as never)),
  BatchGetItem: fc
    .dictionary(table, fc.record({ Keys: fc.array(item, { maxLength: 3 }), ConsistentRead: fc.boolean() }), {
      maxKeys: 2,
    })
    .map((RequestItems) => new BatchGetCommand({ RequestItems } as never)),
  BatchWriteItem: fc
    .dictionary(
      table,
      fc.array(
        fc.oneof(
          item.map((Item) => ({ PutRequest: { Item } })),
          item.map((Key) => ({ DeleteRequest: { Key } })),
        ),
        { maxLength: 3 },
      ),
      { maxKeys: 2 },
    )
    .map((RequestItems) => new BatchWriteCommand({ RequestItems } as never)),
  TransactGetItems: fc
    .array(
      get.map((Get) => ({ Get })),
      { maxLength: 3 },
    )
    .map((TransactItems) => new TransactGetCommand({ TransactItems } as never)),
  TransactWriteItems: fc
    .tuple(
      fc.array(
        fc.oneof(
          put.map((Put) => ({ Put })),
          change.map((Update) => ({ Update })),
          remove.map((Delete) => ({ Delete })),
          remove.map((ConditionCheck) => ({ ConditionCheck })),
        ),
        { maxLength: 4 },
      ),
      fc.uuid(),
    )
    .map(
      ([TransactItems, ClientRequestToken]) =>
        new TransactWriteCommand({ TransactItems, ClientRequestToken } as never),
    ),
};

/** Parts that differ between any two requests. `x-amz-content-sha256` does not: the bodies are the same. */
const OF_ONE_REQUEST = ["authorization", "x-amz-date", "amz-sdk-invocation-id"];

const comparable = ({ headers, ...request }: CapturedRequest | undefined = {} as CapturedRequest) => ({
  ...request,
  headers: Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name, OF_ONE_REQUEST.includes(name) ? "*" : value]),
  ),
});

describe.for(Object.entries(COMMANDS))("%s", ([operation, commands]) => {
  test("sends what the SDK sends, and refuses what it refuses", async () => {
    server.play(answering(200, {}));
    const { lean, sdk } = bothClients(server.endpoint);
    await fc.assert(
      fc.asyncProperty(commands, async (command) => {
        server.requests.length = 0;
        const expected = await outcomeOf(sdk, command);
        const sent = comparable(server.requests[0]);
        server.requests.length = 0;
        // `prepare` throws what the SDK rejects with.
        const actual = await outcomeOf(
          { ...lean, prepare: (given) => async (limits) => lean.prepare(given)(limits) },
          command,
        );
        expect(actual).toEqual(expected);
        expect(comparable(server.requests[0])).toEqual(sent);
        if (sent.method) expect(sent.headers["x-amz-target"]).toBe(`DynamoDB_20120810.${operation}`);
      }),
      RUNS,
    );
  });
});

const attribute = fc.letrec<{ value: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text.map((S) => ({ S })),
    fc
      .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }))
      .map((N) => ({ N: String(N) })),
    fc.constantFrom(
      { N: "12345678901234567890" },
      { N: "1e40" },
      { BOOL: false },
      { NULL: true },
      { X: "?" },
    ),
    fc.uint8Array({ maxLength: 4 }).map((bytes) => ({ B: Buffer.from(bytes).toString("base64") })),
    fc.constantFrom({ SS: ["a", "b"] }, { NS: ["1", "2.5"] }, { BS: ["AQI=", "Aw=="] }),
    fc.array(tie("value"), { maxLength: 3 }).map((L) => ({ L })),
    fc.dictionary(text, tie("value"), { maxKeys: 3 }).map((M) => ({ M })),
  ),
})).value;
const storedItem = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), attribute, { maxKeys: 4 });

const ANSWERS: Readonly<Record<string, { command: DocumentCommand; answers: fc.Arbitrary<object> }>> = {
  GetItem: {
    command: new GetCommand({ TableName: "ttt", Key: {} }),
    answers: fc.record({ Item: storedItem, Unknown: text }, { requiredKeys: [] }),
  },
  UpdateItem: {
    command: new UpdateCommand({ TableName: "ttt", Key: {}, UpdateExpression: "SET a = :a" }),
    answers: fc.record({ Attributes: storedItem }, { requiredKeys: [] }),
  },
  Query: {
    command: new QueryCommand({ TableName: "ttt" }),
    answers: fc.record(
      { Items: fc.array(storedItem, { maxLength: 3 }), Count: fc.nat(), LastEvaluatedKey: storedItem },
      { requiredKeys: [] },
    ),
  },
  BatchGetItem: {
    command: new BatchGetCommand({ RequestItems: {} }),
    answers: fc.record(
      {
        Responses: fc.dictionary(text, fc.array(storedItem, { maxLength: 3 }), { maxKeys: 2 }),
        UnprocessedKeys: fc.dictionary(text, fc.record({ Keys: fc.array(storedItem, { maxLength: 2 }) }), {
          maxKeys: 2,
        }),
      },
      { requiredKeys: [] },
    ),
  },
};

test.for(Object.entries(ANSWERS))("%s: reads what the SDK reads", async ([, { command, answers }]) => {
  const { lean, sdk } = bothClients(server.endpoint);
  await fc.assert(
    fc.asyncProperty(answers, async (answer) => {
      server.play(answering(200, answer));
      expect(await outcomeOf(lean, command)).toEqual(await outcomeOf(sdk, command));
    }),
    RUNS,
  );
});

test.for([
  ["without a session", {}],
  ["with a session", { AWS_SESSION_TOKEN: "a/session+token==" }],
  ["as a Lambda", { AWS_LAMBDA_FUNCTION_NAME: "shop", _X_AMZN_TRACE_ID: "Root=1-2-3" }],
] as const)("signs as the SDK's signer does: %s", async ([, environment]) => {
  const credentials = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG" };
  for (const [name, value] of Object.entries({ ...credentials, ...environment })) vi.stubEnv(name, value);
  server.play(answering(200, {}));
  const { lean, sdk } = bothClients(`${server.endpoint}/a path/ü`);
  const command = new GetCommand({ TableName: "ttt", Key: { id: "ä" } });
  for (const client of [sdk, lean]) await outcomeOf(client, command);
  const [bySdk, byLean] = server.requests;
  expect(comparable(byLean)).toEqual(comparable(bySdk));
  const { authorization = "", "x-amz-date": date = "", connection: _, ...headers } = byLean?.headers ?? {};
  const signer = await new DynamoDBClient({ region: "us-east-1" }).config.signer();
  const [, path = ""] = [byLean?.url, byLean?.url];
  const signed = (await signer.sign(
    {
      method: "POST",
      protocol: "http:",
      hostname: "127.0.0.1",
      path,
      query: {},
      headers,
      body: byLean?.body,
    } as never,
    {
      signingDate: new Date(String(date).replace(/(....)(..)(..T..)(..)(..)/, "$1-$2-$3:$4:$5")),
      signingRegion: "us-east-1",
      signingService: "dynamodb",
    },
  )) as unknown as CapturedRequest;
  expect(authorization).toBe(signed.headers.authorization);
});
