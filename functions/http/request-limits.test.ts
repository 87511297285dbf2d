import { expect, test } from "vitest";
import { rawRequest, startServer } from "../testing/http.ts";
import { MAX_HEADERS, MAX_QUERY_PARTS, MAX_TARGET_LENGTH } from "./request-limits.ts";

const { url } = startServer();

const statusOf = async (path: string, ...headers: string[]): Promise<number> =>
  Number(
    /^HTTP\/1\.1 (\d+)/.exec(
      await rawRequest(url, `GET ${path} HTTP/1.1`, "Host: localhost", ...headers),
    )?.[1],
  );

const headers = (count: number): string[] => Array.from({ length: count }, (_, at) => `X-H-${at}: 1`);

test("a long path or query is 414", async () => {
  expect(await statusOf(`/products?category=${"x".repeat(MAX_TARGET_LENGTH)}`)).toBe(414);
  expect(await statusOf(`/${"x".repeat(MAX_TARGET_LENGTH)}`)).toBe(414);
});

test("a query of very many names is 400", async () => {
  expect(await statusOf(`/products?${"a=1&".repeat(MAX_QUERY_PARTS)}`)).toBe(400);
  expect(await statusOf(`/products?${"&".repeat(2 * MAX_QUERY_PARTS)}`)).toBe(400);
  expect(await statusOf(`/products?${"a=1&".repeat(MAX_QUERY_PARTS - 2)}limit=1`)).toBe(200);
});

test("the limits are the same however a request fills them", async () => {
  expect(await statusOf("/openapi.json", `X-Large: ${"x".repeat(15_000)}`)).toBe(200);
  expect(await statusOf("/openapi.json", ...headers(40).map((header) => header + "x".repeat(500)))).toBe(431);
  expect(await statusOf("/openapi.json", ...Array.from({ length: 500 }, () => "X-Same: 1"))).toBe(431);
  expect(await statusOf(`/products?${"x".repeat(MAX_TARGET_LENGTH)}=1`)).toBe(414);
  expect(await statusOf(`/products?${"&".repeat(MAX_QUERY_PARTS - 1)}`)).toBe(200);
});

test("very many headers are 431, and so are very large ones", async () => {
  expect(await statusOf("/openapi.json", ...headers(MAX_HEADERS - 5))).toBe(200);
  expect(await statusOf("/openapi.json", ...headers(MAX_HEADERS))).toBe(431);
  expect(await statusOf("/openapi.json", ...headers(500))).toBe(431);
  expect(await statusOf("/openapi.json", `X-Large: ${"x".repeat(20_000)}`)).toBe(431);
  expect(await statusOf("/openapi.json")).toBe(200);
});
