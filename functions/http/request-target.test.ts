import { expect, test } from "vitest";
import { rawRequest, startServer } from "../testing/http.ts";

const { url } = startServer();

const statusOf = async (path: string): Promise<number> =>
  Number(/^HTTP\/1\.1 (\d+)/.exec(await rawRequest(url, `GET ${path} HTTP/1.1`, "Host: shop"))?.[1]);

test.each([
  "/cart/../products/1",
  "/cart/%2e%2e/products/1",
  "/cart/.%2E/products/1",
  "/./products/1",
  "/products/./1",
  "/products/1/.",
  "/products/1/x/..",
  "/products\\1",
  "/..",
  "/x\\..",
  "/x/..",
  "/x\\..\\products/1",
  "/products/x\\..\\1",
  "/products/x\\..\\1/stock",
  "/products/1#x",
  "/products#x/1",
  "/health#x",
  "/a/b/c/d/e/f/../../../../../../products/1",
  "/a/b/c/d/e/f/g/h/../../../../../../../../products/1",
])("%s is refused: a filter in front of the server saw another path", async (path) => {
  const answer = await rawRequest(url, `GET ${path} HTTP/1.1`, "Host: shop", "X-Request-Id: mine");
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({
    error: "VALIDATION_FAILED",
    message: "path: must not contain dot segments, backslashes or a fragment",
    request_id: "mine",
  });
});

test.each([
  ["/products/1", 404],
  ["/products?limit=1&x=/../y", 200],
  ["/", 302],
  ["/docs/", 302],
  ["/docs", 200],
  ["//products/1", 404],
  ["/products//1", 404],
  ["/products/1/", 404],
  ["/cart/a..b", 400],
  ["/cart/a%5Cb", 400],
  ["/orders/a%5Cb", 404],
  ["/a/b/c/d/e/f/g/h/i/j", 404],
])("%s is not rewritten, and answered with %d", async (path, status) => {
  expect(await statusOf(path)).toBe(status);
});

test.each([
  ["two hosts", "Host: shop", "Host: other"],
  ["a list", "Host: shop, other"],
  ["a path", "Host: shop/products/1?"],
  ["a user", "Host: me@shop"],
  ["a space", "Host: a b"],
])("a Host header with %s is refused", async (_, ...headers) => {
  const answer = await rawRequest(url, "GET /health HTTP/1.1", ...headers);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain("headers.host: must name one host");
});

test.each(["Host: shop", "Host: shop:8080", "Host: [::1]:8080", "Host: 127.0.0.1", "Host:"])(
  "%s is a host",
  async (header) => {
    expect(await rawRequest(url, "GET /openapi.json HTTP/1.1", header)).toMatch(/^HTTP\/1\.1 200 /);
  },
);
