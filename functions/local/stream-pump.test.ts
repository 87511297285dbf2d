import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { testShop } from "../testing/test-shop.ts";
import { createTables } from "./create-tables.ts";
import { startPump } from "./stream-pump.ts";

const shop = testShop();
await createTables(shop.config);
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stampede-pump-"));
  file = join(folder, "position.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const writeOrders = async (...ids: string[]) => {
  for (const order_id of ids) {
    await shop.db.send(new PutCommand({ TableName: shop.tables.orders, Item: { order_id, n: 1 } }));
  }
};

const orderIdOf = ({ dynamodb }: DynamoDBRecord): string => dynamodb?.Keys?.order_id?.S ?? "";

/** A handler that notes its orders and fails on the given ones. */
const noting = (seen: string[], failing = new Set<string>()) => {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    seen.push(...Records.map(orderIdOf));
    const failed = Records.filter((record) => failing.has(orderIdOf(record)));
    return {
      batchItemFailures: failed.map(({ dynamodb }) => ({ itemIdentifier: dynamodb?.SequenceNumber ?? "" })),
    };
  };
};

test("hands out records in order, and goes on where it stopped", async () => {
  const first: string[] = [];
  const pump = startPump(shop, noting(first), file);
  await writeOrders("a", "b", "c");
  await vi.waitFor(() => expect(first.slice(-3)).toEqual(["a", "b", "c"]), { timeout: 30_000 });
  await pump.stop();

  await writeOrders("d");
  const second: string[] = [];
  const next = startPump(shop, noting(second), file);
  await vi.waitFor(() => expect(second).toEqual(["d"]), { timeout: 30_000 });
  await next.stop();
});

test("goes on where it stopped after more records than one digit counts", async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `many-${index}`);
  const first: string[] = [];
  const pump = startPump(shop, noting(first), file);
  await writeOrders(...ids);
  await vi.waitFor(() => expect(first.slice(-12)).toEqual(ids), { timeout: 10_000 });
  await pump.stop();

  const second: string[] = [];
  const next = startPump(shop, noting(second), file);
  await writeOrders("one-more");
  await vi.waitFor(() => expect(second.at(-1)).toBe("one-more"), { timeout: 10_000 });
  await next.stop();
  expect(second).toEqual(["one-more"]);
});

test("comes again from the first record that failed", async () => {
  const seen: string[] = [];
  const failing = new Set(["f"]);
  const pump = startPump(shop, noting(seen, failing), file);
  await writeOrders("e", "f", "g");
  await vi.waitFor(() => expect(seen.filter((id) => id === "f").length).toBeGreaterThan(2), {
    timeout: 10_000,
  });
  expect(seen.filter((id) => id === "e")).toHaveLength(1);
  failing.clear();
  await writeOrders("h");
  await vi.waitFor(() => expect(seen.at(-1)).toBe("h"), { timeout: 10_000 });
  await pump.stop();
  expect(seen.slice(-3)).toEqual(["f", "g", "h"]);
});

test("a handler that throws gets its records again", async () => {
  const seen: string[] = [];
  let failures = 2;
  const pump = startPump(
    shop,
    async (event) => {
      failures -= 1;
      if (failures >= 0) throw new Error("not now");
      return noting(seen)(event);
    },
    file,
  );
  await writeOrders("i");
  await vi.waitFor(() => expect(seen.at(-1)).toBe("i"), { timeout: 10_000 });
  await pump.stop();
});

/** The engine, but for positions: DynamoDB refuses those whose records it has trimmed, the engine never does. */
const trimmingEngine = () =>
  Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const body = await request.text();
      if (body.includes("AFTER_SEQUENCE_NUMBER")) {
        const __type = "com.amazonaws.dynamodb.v20120810#TrimmedDataAccessException";
        return Response.json({ __type, message: "Beyond the trim horizon" }, { status: 400 });
      }
      const { method, headers } = request;
      return fetch(shop.config.dynamodb.endpoint ?? "", { method, headers, body });
    },
  });

/** The engine behind a connection that goes mute, for one read. */
const mutedEngine = () => {
  const state = { isMute: false, muted: 0 };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: async (request) => {
      if (state.isMute && request.headers.get("x-amz-target")?.endsWith("GetRecords")) {
        [state.isMute, state.muted] = [false, state.muted + 1];
        return new Promise<Response>(() => undefined);
      }
      const { method, headers } = request;
      return fetch(shop.config.dynamodb.endpoint ?? "", { method, headers, body: await request.text() });
    },
  });
  return { state, port: server.port, [Symbol.dispose]: () => void server.stop(true) };
};

test("reads on after a connection that went mute", async () => {
  using engine = mutedEngine();
  const dynamodb = { ...shop.config.dynamodb, endpoint: `http://127.0.0.1:${engine.port}` };
  const seen: string[] = [];
  const pump = startPump({ ...shop, config: { ...shop.config, dynamodb } }, noting(seen), file);
  await writeOrders("before");
  await vi.waitFor(() => expect(seen.at(-1)).toBe("before"), { timeout: 30_000 });
  engine.state.isMute = true;
  await vi.waitFor(() => expect(engine.state.muted).toBe(1), { timeout: 30_000 });
  await writeOrders("after");
  await vi.waitFor(() => expect(seen.at(-1)).toBe("after"), { timeout: 30_000 });
  await pump.stop();
});

test("reads on from the oldest record when the position has been trimmed", async () => {
  const before: string[] = [];
  const first = startPump(shop, noting(before), file);
  await writeOrders("j");
  await vi.waitFor(() => expect(before.at(-1)).toBe("j"), { timeout: 10_000 });
  await first.stop();

  using proxy = trimmingEngine();
  const dynamodb = { ...shop.config.dynamodb, endpoint: `http://127.0.0.1:${proxy.port}` };
  const behindProxy = { ...shop, config: { ...shop.config, dynamodb } };
  const seen: string[] = [];
  const pump = startPump(behindProxy, noting(seen), file);
  await writeOrders("k");
  await vi.waitFor(() => expect(seen.slice(-2)).toEqual(["j", "k"]), { timeout: 10_000 });
  await pump.stop();
});

test.each([
  ["of a later database", "9".repeat(12)],
  ["that is no number", "soon"],
])("reads on from the oldest record at a position %s", async (_, position) => {
  const first = startPump(shop, noting([]), file);
  await writeOrders("l");
  await vi.waitFor(async () => expect(await readFile(file, "utf8")).toContain("shards"), { timeout: 10_000 });
  await first.stop();

  const stored = JSON.parse(await readFile(file, "utf8"));
  for (const shardId of Object.keys(stored.shards)) stored.shards[shardId] = position;
  await writeFile(file, JSON.stringify(stored));
  const seen: string[] = [];
  const pump = startPump(shop, noting(seen), file);
  await writeOrders("m");
  await vi.waitFor(() => expect(seen.slice(-2)).toEqual(["l", "m"]), { timeout: 10_000 });
  await pump.stop();
});

test.each(['{"streamArn":', "null", "[]", '{"streamArn":5,"shards":7}', '{"shards":{}}'])(
  "a position file with %s is no position",
  async (content) => {
    await writeFile(file, content);
    const seen: string[] = [];
    const pump = startPump(shop, noting(seen), file);
    await writeOrders("n");
    await vi.waitFor(() => expect(seen.at(-1)).toBe("n"), { timeout: 10_000 });
    await pump.stop();
  },
);
