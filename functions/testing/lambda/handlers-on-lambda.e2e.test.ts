import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { APIGatewayProxyEventV2, Context, DynamoDBStreamEvent } from "aws-lambda";
import { version } from "esbuild";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { stockedProduct } from "../../../core/testing/fixtures.ts";
import { endWithTests } from "../../../loadtest/harness/end-with-tests.ts";
import { ENDPOINTS } from "../../http/endpoints.ts";
import { lambdaShop } from "../../middleware/lambda-shop.ts";
import type { Result } from "../../middleware/result.ts";
import { ROUTES, type RouteKey } from "../../routes.ts";
import recorded from "../api-gateway-events.json" with { type: "json" };
import { bearer, requireCredentials } from "../identities.ts";
import backgroundEvents from "./background-events.json" with { type: "json" };
import { type Invoke, startCopies } from "./lambda-copy.ts";
import { lambdaNodeFor } from "./lambda-node.ts";
import { bundleLikeSst } from "./sst-bundle.ts";

const WORKERS = ["workers/fulfil-orders", "workers/recover-payments"];
const HANDLERS = [...new Set([...Object.values(ROUTES).map(({ file }) => file), ...WORKERS])];

const RECORDED = recorded as Record<string, APIGatewayProxyEventV2>;
const [anyEvent] = Object.values(RECORDED) as [APIGatewayProxyEventV2];

requireCredentials();
const admin = await bearer({ sub: "alice", scope: "admin" });

/** The event of a request by Alice, an administrator, as API Gateway sends it. */
const request = (
  key: RouteKey,
  pathParameters: Record<string, string> = {},
  rest: { body?: unknown; query?: Record<string, string>; headers?: Record<string, string> } = {},
): APIGatewayProxyEventV2 => ({
  ...anyEvent,
  routeKey: key,
  rawPath: key.replace(/^\w+ /, "").replace(/\{(\w+)\}/g, (_, name) => pathParameters[name] ?? ""),
  rawQueryString: new URLSearchParams(rest.query).toString(),
  headers: { ...anyEvent.headers, "content-type": "application/json", ...admin, ...rest.headers },
  pathParameters,
  ...(rest.query && { queryStringParameters: rest.query }),
  ...(rest.body !== undefined && { body: JSON.stringify(rest.body) }),
});

test("the bundler is the version that SST has within it", async () => {
  const program = join(
    import.meta.dirname,
    `../../../node_modules/sst-${process.platform}-${process.arch}/bin/sst`,
  );
  const embedded = Buffer.from(`evanw/esbuild@v${version}/`);
  let rest = Buffer.alloc(0);
  let isFound = false;
  for await (const chunk of createReadStream(program, { highWaterMark: 4_194_304 })) {
    const text = Buffer.concat([rest, chunk]);
    isFound ||= text.includes(embedded);
    rest = text.subarray(-embedded.length);
  }
  expect(isFound).toBe(true);
});

const SUITE = "handlers on Lambda's Node";
const nodes = { 22: await lambdaNodeFor(SUITE, 22), 24: await lambdaNodeFor(SUITE, 24) };

/** Not to be written to the output of the tests. */
vi.spyOn(lambdaShop().metrics, "publish").mockImplementation(() => undefined);

describe.each([22, 24] as const)("on Node %i", async (major) => {
  const node = nodes[major] ?? "";
  const folder = await mkdtemp(join(tmpdir(), "stampede-lambda-"));
  endWithTests(() => rm(folder, { recursive: true, force: true }));
  let call: Invoke;
  const callRoute = (...[key, path, rest]: Parameters<typeof request>): Promise<Result> =>
    call(ROUTES[key].file, request(key, path, rest));

  beforeAll(async () => {
    await bundleLikeSst(HANDLERS, folder, major);
    if (node) call = startCopies(node, folder);
  });

  test.skipIf(!node)("every bundle is loaded, and has a handler", async () => {
    for (const handler of HANDLERS) expect(await call(handler), handler).toBe("function");
  });

  test.skipIf(!node)(
    "recorded events of API Gateway are answered as the same handlers answer them on Bun",
    async () => {
      for (const [name, event] of Object.entries(RECORDED)) {
        const endpoint = ENDPOINTS.find(({ route }) => route.key === event.routeKey);
        if (!endpoint) throw new Error(`No route ${event.routeKey}`);
        const authorized = { ...event, headers: { ...event.headers, ...admin } };
        const context = { awsRequestId: "bun", getRemainingTimeInMillis: () => 60_000 } as Context;
        const onBun: Result = await endpoint.handler(structuredClone(authorized), context);
        const onNode = await call<Result>(ROUTES[event.routeKey as RouteKey].file, authorized);
        expect(onNode.statusCode, name).toBeLessThan(500);
        expect([onNode.statusCode, onNode.body], name).toEqual([onBun.statusCode, onBun.body]);
        expect(Object.keys(onNode.headers ?? {}).sort(), name).toEqual(
          Object.keys(onBun.headers ?? {}).sort(),
        );
      }
    },
  );

  test.skipIf(!node)(
    "a product is found, bought, fulfilled off the stream, and leaves recovery nothing to do",
    async () => {
      const productId = await stockedProduct(lambdaShop(), 5);
      const userId = "alice";
      const product = await callRoute("GET /products/{productId}", { productId: `${productId}` });
      expect(JSON.parse(product.body ?? "")).toMatchObject({
        product_id: productId,
        name: `Product ${productId}`,
      });

      const found = await callRoute("GET /products/search", {}, { query: { q: `Product ${productId}` } });
      expect(JSON.parse(found.body ?? "")).toMatchObject({ total_found: 1 });

      const line = { product_id: productId, quantity: 2 };
      expect(await callRoute("POST /cart/{userId}/items", { userId }, { body: line })).toMatchObject({
        statusCode: 200,
      });
      const body = { payment_method: "pm_card_visa" };
      const headers = { "idempotency-key": `node-${major}` };
      const bought = await callRoute("POST /cart/{userId}/checkout", { userId }, { body, headers });
      expect(bought.statusCode).toBe(201);
      const { order_id } = JSON.parse(bought.body ?? "");

      const confirmed = structuredClone(backgroundEvents["an order is confirmed"]) as DynamoDBStreamEvent;
      const record = confirmed.Records[0]?.dynamodb;
      for (const item of [record?.Keys, record?.NewImage, record?.OldImage])
        Object.assign(item ?? {}, { order_id: { S: order_id } });
      expect(await call("workers/fulfil-orders", confirmed)).toEqual({ batchItemFailures: [] });
      const order = await callRoute("GET /orders/{orderId}", { orderId: order_id });
      expect(JSON.parse(order.body ?? "")).toMatchObject({ order_id, status: "fulfilled" });

      const report = await call<Record<string, number>>(
        "workers/recover-payments",
        backgroundEvents["the minute is over"],
      );
      expect(Object.values(report).every((count) => count === 0)).toBe(true);
    },
  );

  test.skipIf(!node)("a page that is read from its package is there", async () => {
    const page = await callRoute("GET /docs");
    expect(page).toMatchObject({ statusCode: 200 });
  });
});
