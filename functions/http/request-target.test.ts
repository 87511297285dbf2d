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
  "/a/b/c/d/e/f/../../../../../../products/1",
  "/a/b/c/d/e/f/g/h/../../../../../../../../products/1",
])("%s is refused: a filter in front of the server saw another path", async (path) => {
  const answer = await rawRequest(url, `GET ${path} HTTP/1.1`, "Host: shop", "X-Request-Id: mine");
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({
    error: "VALIDATION_FAILED",
    message: "path: must not contain dot segments or backslashes",
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
  ["/a/b/c/d/e/f/g/h/i/j", 404],
])("%s is not rewritten, and answered with %d", async (path, status) => {
  expect(await statusOf(path)).toBe(status);
});
