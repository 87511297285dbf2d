import { expect, test } from "vitest";
import { startServer } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";

Object.assign(process.env, { TRACING: "on", TRACING_PERCENT: "0", TRACING_TRUST: "on", CONSOLE: "on" });
const { url } = startServer();
const { tracing } = testShop();
await tracing?.ready;

const TRACE = "0af7651916cd43dd8448eb211c80319c";

const responseTo = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url + path, { headers });
  await response.arrayBuffer();
  return response;
};

test("an answer within a trace names its span", async () => {
  const response = await responseTo("/cart/ann", { traceparent: `00-${TRACE}-b7ad6b7169203331-01` });
  const [, spanId] =
    new RegExp(`^00-${TRACE}-([\\da-f]{16})-01$`).exec(response.headers.get("traceresponse") ?? "") ?? [];
  const span = tracing?.store?.trace(TRACE)?.find((one) => one.spanId === spanId);
  expect(span).toMatchObject({
    name: "GET /cart/{userId}",
    kind: "server",
    parentId: "b7ad6b7169203331",
    attributes: { "http.request.method": "GET", "http.response.status_code": 200 },
  });
  // A path may name a person.
  expect(JSON.stringify(tracing?.store?.trace(TRACE))).not.toContain("ann");
});

test.each([
  {},
  { traceparent: `00-${TRACE}-b7ad6b7169203331-00` },
  { traceparent: "00-broken" },
  { traceparent: "x".repeat(5_000) },
  { "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678" },
])("a request with %o is answered without a trace, where none is to be begun", async (headers) => {
  const before = tracing?.store?.ids().length;
  const response = await responseTo("/cart/ann", headers as Record<string, string>);
  expect(response.status).toBe(200);
  expect(response.headers.has("traceresponse")).toBe(false);
  expect(tracing?.store?.ids().length).toBe(before);
});

test("a load balancer's trace is gone on with, if it says so", async () => {
  const header = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1";
  const response = await responseTo("/cart/ben", { "x-amzn-trace-id": header });
  expect(response.headers.get("traceresponse")).toContain("67891233abcdef012345678912345678");
});

test("health checks are in no trace", async () => {
  const response = await responseTo("/health", { traceparent: `00-${TRACE}-b7ad6b7169203331-01` });
  expect(response.headers.has("traceresponse")).toBe(false);
});

test("a request that is refused, and one for no route, are in the trace as well", async () => {
  const trace = "3af7651916cd43dd8448eb211c80319c";
  const traceparent = `00-${trace}-b7ad6b7169203331-01`;
  await responseTo("/products/nonsense", { traceparent });
  await responseTo("/nowhere", { traceparent });
  const spans = tracing?.store
    ?.trace(trace)
    ?.map(({ name, attributes }) => [name, attributes["http.response.status_code"]]);
  expect(spans).toEqual([
    ["GET /products/{productId}", 400],
    ["$default", 404],
  ]);
});
