import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { expect, test, vi } from "vitest";
import { captureLines } from "../../core/testing/lines.ts";
import { handler as docsHandler } from "../operations/docs.ts";
import { handler as assetHandler } from "../operations/docs-asset.ts";
import { lifecycle } from "../operations/lifecycle.ts";
import { openSocket, rawRequest, startServer, testRoute } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";
import { staticEndpoint } from "./static-endpoint.ts";
import { staticFile } from "./static-file.ts";

const { url } = startServer();
const BUNDLE = "/docs/swagger-ui-bundle.js";
const PATHS = ["/openapi.json", "/docs", "/docs/swagger-ui.css", BUNDLE, "/docs/page.js", "/docs/page.css"];

/** Like fetch, which would decompress the body and hide its encoding. */
const get = async (path: string, headers: Record<string, string> = {}, method = "GET") => {
  const response = await fetch(url + path, { method, headers, decompress: false });
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.bytes()) };
};

const DECODERS = { br: brotliDecompressSync, gzip: gunzipSync, identity: (body: Buffer) => body };

test.each(PATHS)("%s comes in each encoding, with a tag of its own", async (path) => {
  const tags = new Set<string | null>();
  const contents = new Set<string>();
  for (const [encoding, decode] of Object.entries(DECODERS)) {
    const { status, headers, body } = await get(path, { "accept-encoding": `${encoding}, *;q=0` });
    expect(status).toBe(200);
    expect(headers.get("content-encoding") ?? "identity").toBe(encoding);
    expect(headers.get("content-length")).toBe(String(body.length));
    expect(headers.get("vary")).toBe("accept-encoding");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-cache");
    expect(headers.get("etag")).toMatch(/^"[\w-]+"$/);
    tags.add(headers.get("etag"));
    contents.add(decode(body).toString());
  }
  expect([tags.size, contents.size]).toEqual([3, 1]);
});

test.each(PATHS)("%s is not sent again to a client that has it", async (path) => {
  const accepted = { "accept-encoding": "br" };
  const { headers } = await get(path, accepted);
  const etag = headers.get("etag") ?? "";
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    for (const method of ["GET", "HEAD"]) {
      const again = await get(path, { ...accepted, "if-none-match": tag }, method);
      expect([again.status, again.body.length, again.headers.get("etag")]).toEqual([304, 0, etag]);
      expect(again.headers.get("vary")).toBe("accept-encoding");
      expect(again.headers.get("x-request-id")).toBeTruthy();
    }
  }
  expect((await get(path, { "if-none-match": etag })).status, "the tag of another encoding").toBe(200);
});

test.each(PATHS)("HEAD %s has the headers of GET and no body", async (path) => {
  const headers = { "accept-encoding": "gzip", "x-request-id": "same" };
  const [full, head] = [await get(path, headers), await get(path, headers, "HEAD")];
  expect(head.body.length).toBe(0);
  expect({ ...head.headers.toJSON(), date: "" }).toEqual({ ...full.headers.toJSON(), date: "" });
  expect(await rawRequest(url, `HEAD ${path} HTTP/1.1`, "Host: shop")).toMatch(/\r\n\r\n$/);
});

test("the page names its files by their content, and those are kept for good", async () => {
  const page = (await get("/docs")).body.toString();
  const names = [...page.matchAll(/(?:href|src)="(docs\/[^"]+)"/g)].map(([, name]) => `/${name}`);
  expect(names).toHaveLength(4);
  for (const name of names) {
    const { status, headers, body } = await get(name);
    expect([status, headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
    const plain = await get(name.replace(/\.[0-9a-f]{16}/, ""));
    expect(body.equals(plain.body)).toBe(true);
    const ofAnotherVersion = await get(name.replace(/\.[0-9a-f]{16}/, ".0123456789abcdef"));
    expect([ofAnotherVersion.status, ofAnotherVersion.headers.get("cache-control")]).toEqual([
      200,
      "no-cache",
    ]);
  }
});

test.each([
  ["GET", "/docs/passwd", 400],
  ["GET", "/docs/..%2f..%2fpackage.json", 400],
  ["GET", "/docs/swagger-ui.0123456789ABCDEF.css", 400],
  ["GET", "/docs/constructor", 400],
  ["GET", "/docs/", 302],
  ["GET", "/docs/page.js/more", 404],
  ["POST", "/docs", 405],
])("%s %s is no file: %s", async (method, path, status) => {
  const response = await fetch(url + path, { method, redirect: "manual" });
  expect(response.status).toBe(status);
  expect(response.headers.get("x-request-id")).toBeTruthy();
});

test("a file is logged and counted like any other answer", async () => {
  const { log, metrics } = testShop();
  const counted = () => metrics.total("Requests", (route) => route === "GET /docs/{asset}");
  const before = counted();
  log.setLogLevel("INFO");
  const lines = captureLines();
  const { headers } = await get(BUNDLE, { "x-request-id": "mine" });
  log.setLogLevel("SILENT");
  expect(headers.get("x-request-id")).toBe("mine");
  testShop().accessLog.flush();
  expect(lines).toMatchObject([
    { message: "request", request_id: "mine", route: "GET /docs/{asset}", status: 200 },
  ]);
  expect(counted()).toBe(before + 1);
});

/** The event that API Gateway sends a function, as the server makes it. */
const invoke = (
  handler: typeof docsHandler,
  path: string,
  headers: Record<string, string>,
  asset?: string,
) => {
  const event = {
    rawPath: path,
    headers,
    requestContext: { requestId: "1" },
    pathParameters: asset && { asset },
  };
  const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 10_000 };
  return handler(event as unknown as APIGatewayProxyEventV2, context as unknown as Context);
};

test("as a function, a file is the same: compressed content in Base64, text as it is", async () => {
  const accepted = { "accept-encoding": "br" };
  const compressed = await invoke(assetHandler, BUNDLE, accepted, "swagger-ui-bundle.js");
  const served = await get(BUNDLE, accepted);
  expect(compressed).toMatchObject({
    statusCode: 200,
    isBase64Encoded: true,
    headers: { etag: served.headers.get("etag"), "content-encoding": "br", vary: "accept-encoding" },
  });
  expect(Buffer.from(compressed.body ?? "", "base64").equals(served.body)).toBe(true);

  const plain = await invoke(docsHandler, "/docs", {});
  expect(plain).toMatchObject({ statusCode: 200, isBase64Encoded: false });
  expect(plain.body).toContain("<title>Stampede API</title>");
  const etag = String(plain.headers?.etag);
  const known = await invoke(docsHandler, "/docs", { "if-none-match": etag });
  expect([known.statusCode, known.body]).toEqual([304, undefined]);
});

test("clients that never read share one copy of the content, and are dropped", async () => {
  // Larger than what the kernel takes from the server, which is 4 MB at the most by Linux's default.
  const content = Buffer.alloc(24 * 1024 * 1024, "stampede ");
  const file = staticFile("text/plain", content);
  const find = async () => ({ file, cacheControl: "no-cache" });
  const route = testRoute("GET", "/large");
  const server = startServer([{ route, handler: staticEndpoint(route, find) }], { idleSeconds: 5 });
  const before = process.memoryUsage.rss();
  const readers = await Promise.all(Array.from({ length: 40 }, () => openSocket(server.url)));
  for (const reader of readers) {
    reader.pause();
    reader.write("GET /large HTTP/1.1\r\nHost: shop\r\n\r\n");
  }
  await vi.waitFor(() => expect(server.unsent()).toBe(readers.length), 20_000);
  const growth = process.memoryUsage.rss() - before;
  expect(growth).toBeLessThan((readers.length * content.length) / 4);
  await vi.waitFor(() => expect(server.unsent()).toBe(0), 60_000);
  for (const reader of readers) reader.close();
  await server.drain(1_000);
  lifecycle.isDraining = false;
}, 90_000);
