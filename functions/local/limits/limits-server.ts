import { batchGet, batchWrite } from "./batches.ts";
import { BROWN_OUT, type CallKind, drawTime, until } from "./latency.ts";
import { type Layer, openLayer } from "./layer.ts";
import type { LimitSettings } from "./limits-settings.ts";
import { type Answer, errorAnswer, type Input, internalError } from "./protocol.ts";
import { getItem, search, write } from "./single.ts";
import { transactGet, transactWrite } from "./transact.ts";

type Handler = (layer: Layer, input: Input, raw: string) => Promise<Answer>;

/** The modelled operations; all others are passed through and counted. */
const OPERATIONS: Readonly<Record<string, readonly [CallKind | "none", Handler]>> = {
  GetItem: ["read", getItem],
  Query: ["query", (layer, input) => search(layer, "Query", input)],
  Scan: ["query", (layer, input) => search(layer, "Scan", input)],
  BatchGetItem: ["batch", batchGet],
  BatchWriteItem: ["batch", batchWrite],
  PutItem: ["write", (layer, input) => write(layer, "PutItem", input)],
  UpdateItem: ["write", (layer, input) => write(layer, "UpdateItem", input)],
  DeleteItem: ["write", (layer, input) => write(layer, "DeleteItem", input)],
  // Takes its time by itself: the items are held for it.
  TransactWriteItems: ["none", transactWrite],
  TransactGetItems: ["transaction", transactGet],
};

const STREAM_OPERATIONS = new Set(["DescribeStream", "GetShardIterator", "GetRecords"] as const);
type StreamOperation = typeof STREAM_OPERATIONS extends Set<infer Name> ? Name : never;
const isStreamOperation = (name: string): name is StreamOperation =>
  STREAM_OPERATIONS.has(name as StreamOperation);

/** Operations that change a table, after which its definition is asked for again. */
const TABLE_CHANGES = new Set(["CreateTable", "UpdateTable", "DeleteTable"]);

const HEADERS = { "content-type": "application/x-amz-json-1.0" };

const respond = ({ status, body, text = JSON.stringify(body) }: Answer): Response =>
  new Response(text, { status, headers: HEADERS });

const passThrough = async (layer: Layer, target: string, body: string): Promise<Response> => {
  const operation = target.slice(target.indexOf(".") + 1);
  layer.tally.unmodelled(operation);
  if (TABLE_CHANGES.has(operation)) layer.tables.forget();
  const { status, text } = await layer.backend.send(target, body);
  if (TABLE_CHANGES.has(operation)) layer.tables.forget();
  return new Response(text, { status, headers: HEADERS });
};

const answerTo = (layer: Layer, operation: string, raw: string): Promise<Answer> | undefined => {
  const input = JSON.parse(raw) as Input;
  if (isStreamOperation(operation)) {
    return layer.rules.has("streams") ? layer.streams[operation](input) : undefined;
  }
  return OPERATIONS[operation]?.[1](layer, input, raw);
};

const handle = async (layer: Layer, target: string, body: string): Promise<Response> => {
  const operation = target.slice(target.indexOf(".") + 1);
  const startedAt = performance.now();
  const isBrownOut = layer.rules.has("brown-out");
  try {
    const answering = answerTo(layer, operation, body);
    if (!answering) return await passThrough(layer, target, body);
    layer.tally.operation(operation);
    const answer = await answering;
    if (answer.engineMs !== undefined) layer.ownTime.note(performance.now() - startedAt - answer.engineMs);
    const kind = isStreamOperation(operation) ? "stream" : (OPERATIONS[operation]?.[0] ?? "none");
    if (kind !== "none") await until(startedAt + drawTime(layer.rules, kind));
    const isLost = isBrownOut && Math.random() < BROWN_OUT.failures;
    return respond(isLost ? internalError() : answer);
  } catch (error) {
    if (error instanceof SyntaxError) return respond(errorAnswer("SerializationException", error.message));
    return respond(internalError((error as Error).message));
  }
};

export interface LimitsServer {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/**
 * Serves DynamoDB's HTTP API with its limits, in front of a database that has none. `GET /limits` gives the counts,
 * with the ten hottest keys or as many as `?keys=` says.
 */
export const serveLimits = (settings: LimitSettings, port = 0): LimitsServer => {
  const layer = openLayer(settings);
  const report = (keyCount?: number): Response =>
    Response.json({
      rules: [...settings.rules],
      scale: settings.scale,
      ...layer.tally.report(keyCount),
      layer: layer.ownTime.report(),
      partitions: layer.admission.partitions(),
    });
  const server = Bun.serve({
    port,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: async (request) => {
      // Of a browser: no page has business with the database.
      if (request.headers.has("origin") || request.headers.has("sec-fetch-site")) {
        return new Response("forbidden", { status: 403 });
      }
      const target = request.headers.get("x-amz-target");
      if (target !== null) return handle(layer, target, await request.text());
      const { pathname, searchParams } = new URL(request.url);
      if (pathname !== "/limits") return new Response("healthy");
      return report(Number(searchParams.get("keys")) || undefined);
    },
  });
  return { endpoint: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
};
