import { batchGet, batchWrite } from "./batches.ts";
import { BROWN_OUT, type CallKind, drawTime, until } from "./latency.ts";
import { type Layer, openLayer } from "./layer.ts";
import type { LimitSettings } from "./limits-settings.ts";
import { listen, type Reply } from "./listener.ts";
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

const respond = ({ status, body, text = JSON.stringify(body) }: Answer): Reply => ({
  status,
  type: "application/x-amz-json-1.0",
  body: text,
});

const plain = (status: number, body: string): Reply => ({ status, type: "text/plain", body });

const passThrough = async (layer: Layer, target: string, body: string): Promise<Reply> => {
  const operation = target.slice(target.indexOf(".") + 1);
  layer.tally.unmodelled(operation);
  if (TABLE_CHANGES.has(operation)) layer.tables.forget();
  const { status, text } = await layer.backend.send(target, body);
  if (TABLE_CHANGES.has(operation)) layer.tables.forget();
  return respond({ status, body: {}, text });
};

const answerTo = (layer: Layer, operation: string, raw: string): Promise<Answer> | undefined => {
  const input = JSON.parse(raw) as Input;
  if (isStreamOperation(operation)) {
    return layer.rules.has("streams") ? layer.streams[operation](input) : undefined;
  }
  return OPERATIONS[operation]?.[1](layer, input, raw);
};

const handle = async (layer: Layer, target: string, body: string): Promise<Reply> => {
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
    const ms = kind === "none" ? 0 : drawTime(layer.rules, kind);
    if (ms > 0) await until(startedAt + ms);
    const isLost = isBrownOut && Math.random() < BROWN_OUT.failures;
    return respond(isLost ? internalError() : answer);
  } catch (error) {
    if (error instanceof SyntaxError) return respond(errorAnswer("SerializationException", error.message));
    return respond(internalError((error as Error).message));
  }
};

export interface LimitsServer {
  readonly endpoint: string;
  readonly stop: () => void;
}

/**
 * Serves DynamoDB's HTTP API with its limits, in front of a database that has none. `GET /limits` gives the counts,
 * with the ten hottest keys or as many as `?keys=` says.
 */
export const serveLimits = (settings: LimitSettings, port = 0): LimitsServer => {
  const layer = openLayer(settings);
  const report = (keyCount?: number): Reply => ({
    status: 200,
    type: "application/json",
    body: JSON.stringify({
      rules: [...settings.rules],
      scale: settings.scale,
      ...layer.tally.report(keyCount),
      layer: layer.ownTime.report(),
      partitions: layer.admission.partitions(),
    }),
  });
  const listener = listen(port, ({ start, header, body }) => {
    // Of a browser: no page has business with the database.
    const isOfPage = header("origin") !== undefined || header("sec-fetch-site") !== undefined;
    if (isOfPage) return plain(403, "forbidden");
    const target = header("x-amz-target");
    if (target !== undefined) return handle(layer, target, body);
    const [method, path = "/"] = start.split(" ");
    if (method !== "GET") return plain(405, "only GET, or an x-amz-target");
    const url = URL.parse(path, "http://localhost");
    if (url?.pathname !== "/limits") return plain(200, "healthy");
    return report(Number(url.searchParams.get("keys")) || undefined);
  });
  return { endpoint: `http://127.0.0.1:${listener.port}`, stop: listener.stop };
};
