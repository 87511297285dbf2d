// biome-ignore-all lint/style/noExcessiveLinesPerFile: a table of faults, each answered as the SDK answers it
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { GetCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { answering, type Script, startScriptedDynamoDB } from "../../testing/scripted-dynamodb.ts";
import { bothClients, LIMITS, outcomeOf } from "../../testing/storage-clients.ts";

let server: Awaited<ReturnType<typeof startScriptedDynamoDB>>;
let clients: ReturnType<typeof bothClients>;
beforeAll(async () => {
  server = await startScriptedDynamoDB();
});
beforeEach(() => {
  clients = bothClients(server.endpoint);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => server.stop());

const command = new UpdateCommand({ TableName: "ttt", Key: { id: "a" }, UpdateExpression: "ADD n :n" });
const transaction = new TransactWriteCommand({ TransactItems: [], ClientRequestToken: "token" });
const call = (limits: { timeout: number; signal?: AbortSignal } = LIMITS) =>
  clients.lean.prepare(command)(limits);

const DYNAMODB = "com.amazonaws.dynamodb.v20120810#";
const failing = (
  type: string,
  more: object = {},
  status = 400,
  headers: Record<string, string> = {},
): Script => answering(status, { __type: type, message: `About ${type}`, ...more }, headers);
const Item = { id: { S: "a" }, bytes: { B: "AQI=" }, list: { L: [{ N: "1" }] } };
const ThrottlingReasons = [
  { reason: "TableWriteKeyRangeThroughputExceeded", resource: "arn:aws:dynamodb:us-east-1:1:table/stock" },
];

const ANSWERS: Readonly<Record<string, Script>> = {
  "a refused condition with its item": failing(`${DYNAMODB}ConditionalCheckFailedException`, { Item }),
  "throttling with reasons": failing(`${DYNAMODB}ThrottlingException`, {
    throttlingReasons: ThrottlingReasons,
  }),
  "throughput exceeded with reasons": failing(`${DYNAMODB}ProvisionedThroughputExceededException`, {
    ThrottlingReasons,
  }),
  "a request limit": failing(`${DYNAMODB}RequestLimitExceeded`, { ThrottlingReasons }),
  "a conflict": failing(`${DYNAMODB}TransactionConflictException`),
  "a replicated conflict": failing(`${DYNAMODB}ReplicatedWriteConflictException`),
  "a transaction in progress": failing(`${DYNAMODB}TransactionInProgressException`, { Message: "again" }),
  "another payload under the same token": failing(`${DYNAMODB}IdempotentParameterMismatchException`),
  "a cancelled transaction": failing(`${DYNAMODB}TransactionCanceledException`, {
    CancellationReasons: [
      { Code: "None" },
      { Code: "ConditionalCheckFailed", Message: "No", Item },
      { Code: "TransactionConflict", Message: "Busy" },
    ],
  }),
  "an unknown error": failing("com.amazon.coral.service#SomethingNewException", { Extra: 1 }),
  "an unknown error without a namespace": failing("SomethingNew"),
  "a validation error": failing("com.amazon.coral.validate#ValidationException"),
  "a denied permission": failing("com.amazon.coral.service#AccessDeniedException", { Message: "no" }),
  "an unknown key": failing("com.amazon.coral.service#UnrecognizedClientException"),
  "a wrong signature": failing("com.amazon.coral.service#InvalidSignatureException"),
  "a server error": failing(`${DYNAMODB}InternalServerError`, {}, 500),
  "a page of a proxy": answering(503, "<html>Service Unavailable</html>", { "content-type": "text/html" }),
  "an error without a body": answering(500, ""),
  "an error named by its header": answering(
    400,
    {},
    { "x-amzn-errortype": "ResourceNotFoundException:http://x" },
  ),
  "an error without a name": answering(400, {}),
  "half an answer": answering(200, '{"Attributes":{"id":'),
  "no answer": answering(200, ""),
  "an answer in pieces": (response) => {
    response.writeHead(200, { "x-amzn-requestid": "REQUEST" });
    response.write('{"Attributes":{"id":');
    response.end('{"S":"a"}}}');
  },
};

test.for(Object.entries(ANSWERS))("%s means what it means to the SDK", async ([, script]) => {
  server.play(script);
  for (const given of [command, transaction]) {
    expect(await outcomeOf(clients.lean, given)).toEqual(await outcomeOf(clients.sdk, given));
  }
  expect(server.requests).toHaveLength(4);
});

describe("the connection", () => {
  test("a body that does not match its CRC is not believed", async () => {
    server.play(answering(200, { Attributes: Item }, { "x-amz-crc32": "1" }));
    await expect(call()).rejects.toMatchObject({ name: "Crc32Error" });
  });

  test("an answer that is cut is a reset", async () => {
    server.play((response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"Attributes":{}}', () => response.destroy());
    });
    await expect(call()).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("nothing listening is refused", async () => {
    const gone = await startScriptedDynamoDB();
    await gone.stop();
    const { lean } = bothClients(gone.endpoint);
    await expect(lean.prepare(command)(LIMITS)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test.for(["end", "destroy", "resetAndDestroy"] as const)(
    "a kept connection that breaks (%s) is not asked again behind our back: an update may have been made",
    async (breaking) => {
      let requests = 0;
      const sockets = new Set<Socket>();
      const breakingServer = createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("data", (data) => {
          if (!data.includes("POST ")) return;
          requests += 1;
          if (requests > 1) socket[breaking]();
          else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        });
      }).listen(0, "127.0.0.1");
      await once(breakingServer, "listening");
      const { lean } = bothClients(`http://127.0.0.1:${(breakingServer.address() as AddressInfo).port}`);
      try {
        await lean.prepare(command)(LIMITS);
        await expect(lean.prepare(command)(LIMITS)).rejects.toMatchObject({ code: "ECONNRESET" });
        expect(requests).toBe(2);
      } finally {
        for (const socket of sockets) socket.destroy();
        breakingServer.close();
      }
    },
  );

  test("no answer in time is a timeout, whatever has come by then", async () => {
    server.play((response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{");
    });
    await expect(call({ timeout: 50 })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("a caller that gives up is let go at once, and nothing is sent for one that has given up before", async () => {
    const caller = new AbortController();
    server.play(() => caller.abort(new DOMException("late", "TimeoutError")));
    await expect(call({ ...LIMITS, signal: caller.signal })).rejects.toMatchObject({ name: "AbortError" });
    await expect(call({ ...LIMITS, signal: caller.signal })).rejects.toMatchObject({ name: "AbortError" });
    expect(server.requests).toHaveLength(1);
  });

  test("calls in turn share a connection", async () => {
    const ports = new Set<number | undefined>();
    server.play((response, request) => {
      ports.add(response.socket?.remotePort);
      answering(200, {})(response, request);
    });
    for (let i = 0; i < 5; i++) await call();
    expect(ports.size).toBe(1);
  });
});

describe("the clock", () => {
  const skewed = (ms: number): Script =>
    failing("com.amazon.coral.service#InvalidSignatureException", {}, 400, {
      date: new Date(Date.now() + ms).toUTCString(),
    });
  const HOUR = 3_600_000;
  /** Epoch milliseconds that a request is signed for. */
  const signedFor = (index: number): number =>
    Date.parse(
      String(server.requests[index]?.headers["x-amz-date"]).replace(
        /(....)(..)(..T..)(..)(..)/,
        "$1-$2-$3:$4:$5",
      ),
    );

  test.for([HOUR, -HOUR])("one that is %d ms off is corrected, and stays so", async (ms) => {
    server.play(skewed(ms), answering(200, { Attributes: Item }));
    expect(await call()).toMatchObject({ Attributes: { id: "a" } });
    await call();
    expect(server.requests).toHaveLength(3);
    for (const index of [1, 2]) expect(Math.abs(signedFor(index) - Date.now() - ms)).toBeLessThan(60_000);
  });

  test("a signature that is refused by a right clock, or again, is refused", async () => {
    server.play(skewed(0));
    await expect(call()).rejects.toMatchObject({ name: "InvalidSignatureException" });
    expect(server.requests).toHaveLength(1);
    server.play(skewed(HOUR), skewed(-HOUR));
    await expect(call()).rejects.toMatchObject({ name: "InvalidSignatureException" });
    expect(server.requests).toHaveLength(2);
  });
});

describe("credentials", () => {
  const expired = failing("com.amazon.coral.service#ExpiredTokenException");
  const tokens = () => server.requests.map(({ headers }) => headers["x-amz-security-token"]);
  const giveToken = (token: string) => vi.stubEnv("AWS_SESSION_TOKEN", token);
  beforeEach(() => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    giveToken("old");
    clients = bothClients(server.endpoint);
  });

  test("expired ones are fetched anew once, for all that need them", async () => {
    server.play(answering(200, {}));
    await call();
    giveToken("new");
    server.play((response, request) =>
      (request.headers["x-amz-security-token"] === "old" ? expired : answering(200, {}))(response, request),
    );
    await Promise.all(Array.from({ length: 5 }, () => call()));
    await call();
    expect(tokens().toSorted()).toEqual([...Array(6).fill("new"), ...Array(5).fill("old")]);
  });

  test("expired ones that are all there is are refused", async () => {
    server.play(expired);
    await expect(call()).rejects.toMatchObject({ name: "ExpiredTokenException" });
    expect(tokens()).toEqual(["old"]);
  });

  test("none at all is the provider chain's error", async () => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
      vi.stubEnv(name, undefined);
    for (const name of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) vi.stubEnv(name, "/nowhere");
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    const { lean } = bothClients("https://dynamodb.us-east-1.amazonaws.com");
    const read = lean.prepare(new GetCommand({ TableName: "ttt", Key: { id: "a" } }));
    await expect(read(LIMITS)).rejects.toMatchObject({ name: "CredentialsProviderError" });
  });
});
