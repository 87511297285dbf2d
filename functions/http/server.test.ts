// biome-ignore-all lint/style/noExcessiveLinesPerFile: its cases share a server and raw connections
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { currentRequest } from "../../core/request-scope.ts";
import { captureLines } from "../../core/testing/lines.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import { bareEndpoint, openSocket, rawRequest, startServer, testRoute } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { NO_ROUTE } from "./router.ts";

const slowRoute = testRoute("GET", "/slow");
let aborted = false;
const slow = endpoint(slowRoute, async () => {
  currentRequest()?.signal?.addEventListener("abort", () => {
    aborted = true;
  });
  return new Promise<never>(() => undefined);
});

const defect = testRoute("GET", "/defect");
const broken = testRoute("GET", "/broken");
const { url } = startServer([
  ...ENDPOINTS,
  {
    route: defect,
    handler: endpoint(defect, () => {
      throw new TypeError("secret inside");
    }),
  },
  {
    route: broken,
    handler: endpoint(broken, () => jsonResult(200, {}, { "x-broken": "a\r\nb" })),
  },
  bareEndpoint("GET", "/cookies", async () => ({
    statusCode: 200,
    headers: { "content-type": "text/plain", "x-number": 7, "x-true": true },
    cookies: ["a=1; HttpOnly", "b=2; Secure"],
    body: "ok",
  })),
  bareEndpoint("GET", "/event"),
]);

const shop = testShop();
/** Another server of the same shop, which soon gives up a request. */
const hasty = startServer([{ route: slowRoute, handler: slow }], {}, () => ({
  ...shop,
  config: { ...shop.config, http: { ...shop.config.http, requestDeadline: 300 } },
}));
let lines: Record<string, unknown>[];
beforeEach(() => {
  shop.log.setLogLevel("INFO");
  lines = captureLines();
});
afterEach(() => {
  shop.log.setLogLevel("SILENT");
});

test("two requests go over one TCP connection", async () => {
  const socket = await openSocket(url);
  socket.write("GET /health HTTP/1.1\r\nHost: shop\r\nX-Request-Id: first\r\n\r\n");
  await vi.waitFor(() => expect(socket.received()).toContain('"uptime_secs"'), 30_000);
  socket.write("GET /health HTTP/1.1\r\nHost: shop\r\nX-Request-Id: second\r\nConnection: close\r\n\r\n");
  const answers = (await socket.rest()).split("HTTP/1.1 200 OK").slice(1);
  expect(answers.map((answer) => answer.match(/x-request-id: (\w+)/)?.[1])).toEqual(["first", "second"]);
});

test.each([
  ["its own X-Request-Id", { "x-request-id": "client-1" }, "client-1"],
  ["the trace's root", { "x-amzn-trace-id": "Self=1-a-b;Root=1-67891233-abcdef" }, "1-67891233-abcdef"],
  ["its own before the trace's", { "x-request-id": "mine", "x-amzn-trace-id": "Root=1-2-3" }, "mine"],
  ["the trace's for a bad own", { "x-request-id": "a b", "x-amzn-trace-id": "Root=1-2-3" }, "1-2-3"],
])("a request keeps %s, on the answer and in the log", async (_, headers, id) => {
  for (const path of ["/products/7", "/nothing", "/cart/a/items"]) {
    const response = await fetch(url + path, { headers: headers as Record<string, string> });
    expect(response.headers.get("x-request-id")).toBe(id);
    expect(await response.json()).toMatchObject({ request_id: id });
  }
  shop.accessLog.flush();
  expect(lines.map((line) => line.request_id)).toEqual([id, id, id]);
});

test.each(["a b", "x".repeat(129), "grüße", "a,\tb", ""])("the request id %j is replaced", async (id) => {
  const answer = await rawRequest(url, "GET /nothing HTTP/1.1", "Host: shop", `X-Request-Id: ${id}`);
  expect(answer).toMatch(/x-request-id: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\r\n/);
});

test("a handler that takes too long is answered for, and its calls are aborted", async () => {
  const response = await fetch(`${hasty.url}/slow`);
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toMatchObject({ error: "DEADLINE_EXCEEDED", retryable: true });
  expect(aborted).toBe(true);
});

test("a defect shows nothing of its inside; the log has it", async () => {
  const response = await fetch(`${url}/defect`);
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ error: "INTERNAL_ERROR", retryable: false });
  expect(text).not.toMatch(/secret|\bat\b|\.ts/);
  shop.accessLog.flush();
  expect(lines).toMatchObject([{ level: "ERROR", status: 500, error: { message: "secret inside" } }]);
});

test("a result that makes no response is a defect too", async () => {
  const response = await fetch(`${url}/broken`);
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({ error: "INTERNAL_ERROR" });
});

test("a result's cookies become headers of their own, its other values strings", async () => {
  const response = await fetch(`${url}/cookies`);
  expect(response.headers.getSetCookie()).toEqual(["a=1; HttpOnly", "b=2; Secure"]);
  expect(response.headers.get("x-number")).toBe("7");
  expect(response.headers.get("x-true")).toBe("true");
});

test("the event has cookies as a list and repeated names joined", async () => {
  const answer = await rawRequest(
    url,
    "GET /event?a=1&b=x%20y+z&a=2&empty=&%5F%5Fproto%5F%5F=1 HTTP/1.1",
    "Host: shop:8080",
    "Cookie: a=1; b=2",
    "Cookie: c=3",
    "X-Twice: 1",
    "X-Twice: 2",
    "User-Agent: tester",
  );
  const event = JSON.parse(answer.split("\r\n\r\n")[1] ?? "");
  expect(event).toEqual({
    version: "2.0",
    routeKey: "GET /event",
    rawPath: "/event",
    rawQueryString: "a=1&b=x%20y+z&a=2&empty=&%5F%5Fproto%5F%5F=1",
    cookies: ["a=1", "b=2", "c=3"],
    headers: { connection: "close", host: "shop:8080", "user-agent": "tester", "x-twice": "1, 2" },
    queryStringParameters: JSON.parse('{"a":"1,2","b":"x y z","empty":"","__proto__":"1"}'),
    requestContext: {
      accountId: "local",
      apiId: "stampede",
      domainName: "shop:8080",
      domainPrefix: "",
      http: {
        method: "GET",
        path: "/event",
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: "tester",
      },
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      routeKey: "GET /event",
      stage: "$default",
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      timeEpoch: expect.any(Number),
    },
    isBase64Encoded: false,
  });
});

test("requests that reach no handler are counted and logged like the rest", async () => {
  const counted = (name: "Requests" | "ClientErrors", route: string) =>
    shop.metrics.total(name, (value) => value === route);
  const before = [counted("Requests", NO_ROUTE), counted("ClientErrors", "POST /cart/{userId}/items")];
  await fetch(`${url}/nothing`, { headers: { "x-request-id": "lost" } });
  await fetch(`${url}/cart/alice/items`, {
    method: "POST",
    body: "x".repeat(70_000),
    headers: { "x-request-id": "fat" },
  });
  expect([counted("Requests", NO_ROUTE), counted("ClientErrors", "POST /cart/{userId}/items")]).toEqual(
    before.map((count) => count + 1),
  );
  shop.accessLog.flush();
  expect(lines).toMatchObject([
    {
      level: "INFO",
      message: "request",
      route: NO_ROUTE,
      status: 404,
      code: "ROUTE_NOT_FOUND",
      request_id: "lost",
    },
    {
      level: "INFO",
      route: "POST /cart/{userId}/items",
      status: 413,
      code: "PAYLOAD_TOO_LARGE",
      request_id: "fat",
    },
  ]);
});

test("a connection that ends in the middle of a body is the client's failure, not ours", async () => {
  const socket = await openSocket(url);
  socket.write("POST /cart/early/items HTTP/1.1\r\nHost: shop\r\nContent-Length: 100\r\n\r\n{");
  await Bun.sleep(20);
  socket.close();
  await vi.waitFor(() => {
    shop.accessLog.flush();
    expect(lines).not.toEqual([]);
  }, 30_000);
  shop.accessLog.flush();
  expect(lines).toMatchObject([{ level: "INFO", status: 400, code: "VALIDATION_FAILED" }]);
});
