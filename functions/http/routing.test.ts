import { expect, test } from "vitest";
import { bareEndpoint, rawRequest, startServer } from "../testing/http.ts";
import { ENDPOINTS } from "./endpoints.ts";

process.env.CORS_ORIGIN = "*";
const { url } = startServer([...ENDPOINTS, bareEndpoint("GET", "/words/{word}")]);

const errorOf = async (response: Response) => {
  const body = (await response.json()) as { error: string; message: string; details?: unknown };
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(body).toEqual({
    error: expect.stringMatching(/^[A-Z][A-Z_]+$/),
    message: expect.any(String),
    request_id: response.headers.get("x-request-id"),
    retryable: false,
    ...("details" in body && { details: body.details }),
  });
  return body;
};

test.each(["/nothing", "/products/1/nothing", "/Products", "/health/", "/cart"])(
  "%s is no route: 404",
  async (path) => {
    const response = await fetch(`${url}${path}`);
    expect(response.status).toBe(404);
    expect((await errorOf(response)).error).toBe("ROUTE_NOT_FOUND");
  },
);

test.each(["/", "/docs/"])("%s leads to the documentation", async (path) => {
  for (const method of ["GET", "HEAD"]) {
    const response = await fetch(`${url}${path}`, { method, redirect: "manual" });
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("/docs");
    expect(response.headers.get("x-request-id")).toBeTruthy();
    expect(await response.text()).toBe("");
  }
  expect(await (await fetch(`${url}${path}`)).text()).toContain("<title>Stampede API");
  expect((await fetch(url, { method: "POST" })).status).toBe(404);
});

test.each([
  ["POST", "/products/1", "GET, HEAD, OPTIONS"],
  ["DELETE", "/products/1/stock", "GET, PUT, HEAD, OPTIONS"],
  ["GET", "/cart/alice/items", "POST, OPTIONS"],
  ["GET", "/cart/alice/items/1", "PUT, DELETE, OPTIONS"],
  ["PATCH", "/health", "GET, HEAD, OPTIONS"],
])("%s %s is a known route with another method: 405 with Allow", async (method, path, allow) => {
  const response = await fetch(`${url}${path}`, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe(allow);
  expect((await errorOf(response)).error).toBe("METHOD_NOT_ALLOWED");
});

const STEADY = [
  "/openapi.json",
  "/docs",
  "/products/7",
  "/nothing",
  "/cart/a/items",
  "/cart/a..b",
  "/cart/%zz",
];

test.each(STEADY)("HEAD %s has the headers of GET and no body", async (path) => {
  const headers = { "x-request-id": "same", "accept-encoding": "identity" };
  const get = await fetch(`${url}${path}`, { headers });
  const body = await get.bytes();
  const head = await fetch(`${url}${path}`, { method: "HEAD", headers });
  expect(head.status).toBe(get.status);
  const comparable = (response: Response) => {
    const { date: _, ...rest } = Object.fromEntries(response.headers);
    return rest;
  };
  expect(comparable(head)).toEqual(comparable(get));
  expect(head.headers.get("content-length")).toBe(String(body.length));
  expect((await head.bytes()).length).toBe(0);
  expect(await rawRequest(url, `HEAD ${path} HTTP/1.1`, "Host: shop")).toMatch(/\r\n\r\n$/);
});

test("a preflight is answered for a known path, with what the path takes", async () => {
  const response = await fetch(`${url}/cart/alice/items/1`, {
    method: "OPTIONS",
    headers: {
      origin: "https://elsewhere.example",
      "access-control-request-method": "PUT",
      "x-request-id": "preflight-1",
    },
  });
  expect(response.status).toBe(204);
  expect(await response.text()).toBe("");
  expect(Object.fromEntries(response.headers)).toMatchObject({
    allow: "PUT, DELETE, OPTIONS",
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "PUT, DELETE, OPTIONS",
    "access-control-allow-headers": expect.stringContaining("idempotency-key"),
    "access-control-max-age": "600",
    "x-request-id": "preflight-1",
  });
  expect((await fetch(`${url}/nothing`, { method: "OPTIONS" })).status).toBe(404);
});

test.each(["/health", "/nothing", "/cart/alice/items", "/products/0"])(
  "a page of another origin may read the answer of %s",
  async (path) => {
    const { headers } = await fetch(`${url}${path}`, { headers: { origin: "https://elsewhere.example" } });
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-expose-headers")).toContain("x-request-id");
  },
);

test.each([
  ["caf%C3%A9", "café"],
  ["a%20b", "a b"],
  ["a%2Fb", "a/b"],
  ["a%3Fb%23c", "a?b#c"],
  ["%252F", "%2F"],
  ["a+b", "a+b"],
  ["%F0%9F%90%82", "🐂"],
  ["", ""],
])("/words/%s has the parameter %j", async (encoded, word) => {
  const response = await fetch(`${url}/words/${encoded}`);
  expect(await response.json()).toMatchObject({
    pathParameters: { word },
    rawPath: `/words/${encoded}`,
  });
});

test.each(["/cart/%zz", "/cart/%", "/cart/%C3%28", "/nothing/%zz", "/health%FF"])(
  "%s is not percent-encoded UTF-8: 400 naming the path",
  async (path) => {
    const response = await fetch(`${url}${path}`);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({
      error: "VALIDATION_FAILED",
      details: [{ field: "path" }],
    });
  },
);

test("a very long path reaches the schema, which refuses it by name; a longer one is 414, a still longer one 431", async () => {
  const response = await fetch(`${url}/cart/${"a".repeat(8_000)}`);
  expect(response.status).toBe(400);
  expect(await errorOf(response)).toMatchObject({ details: [{ field: "path.userId" }] });
  expect((await fetch(`${url}/cart/${"a".repeat(10_000)}`)).status).toBe(414);
  expect((await fetch(`${url}/cart/${"a".repeat(100_000)}`)).status).toBe(431);
});

test("an unknown path is not repeated in the answer", async () => {
  expect(await (await fetch(`${url}/4242424242424242`)).text()).not.toContain("4242424242424242");
});

test.each([
  ["no Host, as HTTP/1.0 has it", "GET /health?a=//b HTTP/1.0"],
  ["an empty Host", "GET /health HTTP/1.1", "Host:"],
  ["a Host that is none", "GET /health HTTP/1.1", "Host: ["],
  ["an absolute target", "GET http://elsewhere/health HTTP/1.1", "Host: shop"],
])("%s: the path still decides", async (_, requestLine, ...headers) => {
  expect(await rawRequest(url, requestLine, ...headers)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

test.each(["TRACE", "CONNECT", "PROPFIND", "__proto__", "constructor", "get"])(
  "the method %s never reaches a handler and never breaks the server",
  async (method) => {
    const answer = await rawRequest(url, `${method} /health HTTP/1.1`, "Host: shop");
    expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  },
);
