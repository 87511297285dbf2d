import { randomBytes } from "node:crypto";
import { expect, test, vi } from "vitest";
import type { Shop } from "../../core/shop.ts";
import { openShop } from "../../core/testing/open-shop.ts";
import { patientConfig } from "../../core/testing/patient-config.ts";
import { MAX_BODY_BYTES } from "../middleware/json-body.ts";
import { bareEndpoint, openSocket, startServer } from "../testing/http.ts";
import { ENDPOINTS } from "./endpoints.ts";

const { url } = startServer([...ENDPOINTS, bareEndpoint("POST", "/echo")]);

/** Gives up a request after a second: the others of this file have as long as a slow machine takes. */
const hastyShop = (): Shop => {
  const config = patientConfig();
  return openShop({ ...config, http: { ...config.http, requestDeadline: 1_000 } });
};

const MB = 1024 * 1024;

/** Sent in chunks, so that there is no length. */
const inChunks = (bytes: Uint8Array, size = 16_384): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });

const post = (path: string, body: string | Uint8Array | ReadableStream, contentType = "application/json") =>
  fetch(url + path, { method: "POST", body, headers: { "content-type": contentType } });

/** A JSON document of exactly this many bytes. */
const jsonOf = (bytes: number): string => JSON.stringify({ pad: "x".repeat(bytes - '{"pad":""}'.length) });

test.each([
  ["with its length", (text: string) => text],
  ["in chunks", (text: string) => inChunks(Buffer.from(text))],
])("65,536 bytes %s are judged as JSON, one more is too large", async (_, send) => {
  const accepted = await post("/cart/alice/items", send(jsonOf(MAX_BODY_BYTES)));
  expect(accepted.status).toBe(400);
  expect(await accepted.text()).toContain("body.pad");
  const refused = await post("/cart/alice/items", send(jsonOf(MAX_BODY_BYTES + 1)));
  expect(refused.status).toBe(413);
  // Handlers check as well, for they run elsewhere too; the server must not lean on them.
  expect((await post("/echo", send(jsonOf(MAX_BODY_BYTES + 1)))).status).toBe(413);
});

test.each([70 * 1024, 3 * MB])(
  "a body of %d bytes is answered 413 in JSON, and the connection stays good",
  async (size) => {
    const socket = await openSocket(url);
    socket.write(`POST /cart/alice/items HTTP/1.1\r\nHost: shop\r\nContent-Length: ${size}\r\n`);
    socket.write("Content-Type: application/json\r\nX-Request-Id: too-large\r\n\r\n");
    socket.write(Buffer.alloc(size, "1"));
    socket.write("GET /health HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
    const [, refused = "", next] = (await socket.rest()).split("HTTP/1.1 ");
    expect(refused).toMatch(/^413 /);
    expect(refused).toMatch(/^content-type: application\/json\r$/im);
    expect(refused).toMatch(/^x-request-id: too-large\r$/m);
    expect(JSON.parse(refused.split("\r\n\r\n")[1] ?? "")).toMatchObject({
      error: "PAYLOAD_TOO_LARGE",
      request_id: "too-large",
      retryable: false,
    });
    expect(next).toMatch(/^200 OK/);
  },
);

test("a body that announces 10 GB is refused before it comes", async () => {
  const socket = await openSocket(url);
  socket.write(`POST /cart/alice/items HTTP/1.1\r\nHost: shop\r\nContent-Length: ${10_000 * MB}\r\n\r\n`);
  await vi.waitFor(() => expect(socket.received()).toMatch(/^HTTP\/1\.1 413 .*"PAYLOAD_TOO_LARGE"/s), 30_000);
  socket.close();
});

test("a chunked body without end is answered as soon as it is over the limit", async () => {
  const socket = await openSocket(url);
  socket.write("POST /cart/alice/items HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n");
  const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
  let sent = 0;
  while (!socket.received()) {
    socket.write(chunk);
    sent += 1;
    await Bun.sleep(5);
  }
  expect(socket.received()).toMatch(/^HTTP\/1\.1 413 /);
  expect(sent).toBeLessThan(100);
  socket.close();
});

test.each([
  ["of a told length", "Content-Length: 1000", (at: number) => (at === 0 ? "{" : " ")],
  ["in chunks", "Transfer-Encoding: chunked", (at: number) => (at === 0 ? "1\r\n{\r\n" : "1\r\n \r\n")],
])("a body %s that trickles in is refused at the deadline of requests", async (_, header, piece) => {
  const hasty = startServer(ENDPOINTS, {}, hastyShop);
  const socket = await openSocket(hasty.url);
  const startedAt = performance.now();
  socket.write(`POST /cart/slow/items HTTP/1.1\r\nHost: shop\r\nX-Request-Id: slow\r\n${header}\r\n\r\n`);
  for (let at = 0; !socket.isClosed(); at++) {
    socket.write(piece(at));
    await Bun.sleep(50);
  }
  const took = performance.now() - startedAt;
  expect(took).toBeGreaterThan(950);
  expect(took).toBeLessThan(5_000);
  expect(socket.received()).toMatch(/^HTTP\/1\.1 408 .*^connection: close\r$/ims);
  expect(JSON.parse(socket.received().split("\r\n\r\n")[1] ?? "")).toMatchObject({
    error: "REQUEST_TIMEOUT",
    request_id: "slow",
    retryable: false,
  });
  expect((await fetch(`${hasty.url}/health`)).status).toBe(200);
});

test("a body whose connection ends too early changes nothing and disturbs nobody", async () => {
  const socket = await openSocket(url);
  socket.write("POST /cart/early/items HTTP/1.1\r\nHost: shop\r\nContent-Length: 100\r\n\r\n{");
  await Bun.sleep(20);
  socket.close();
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test.each(["text/plain", "application/json; charset=utf-8", "application/problem+json", "application/xml"])(
  "%s goes into the event as text",
  async (type) => {
    const response = await post("/echo", "grüße", type);
    expect(await response.json()).toMatchObject({ body: "grüße", isBase64Encoded: false });
  },
);

test.each(["application/octet-stream", "image/png", ""])("%j goes into the event as base64", async (type) => {
  const bytes = randomBytes(1_000);
  const response = await post("/echo", bytes, type);
  expect(await response.json()).toMatchObject({ body: bytes.toString("base64"), isBase64Encoded: true });
});

test("no body leaves the event without one", async () => {
  const response = await fetch(`${url}/echo`, { method: "POST" });
  expect(await response.json()).toMatchObject({ isBase64Encoded: false });
  expect(await (await fetch(`${url}/echo`, { method: "POST", body: "" })).json()).not.toHaveProperty("body");
});

test("a result with base64 goes out as its bytes", async () => {
  const bytes = randomBytes(300);
  const own = startServer([
    bareEndpoint("GET", "/bytes", async () => ({
      statusCode: 200,
      headers: { "content-type": "image/png" },
      body: bytes.toString("base64"),
      isBase64Encoded: true,
    })),
  ]);
  const response = await fetch(`${own.url}/bytes`);
  expect(Buffer.from(await response.bytes()).equals(bytes)).toBe(true);
  const head = await fetch(`${own.url}/bytes`, { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe("300");
});

const CHUNKED =
  "POST /cart/trailing/items HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
const LINE = '{"product_id":1,"quantity":1}';
const CHUNK = `${LINE.length.toString(16)}\r\n${LINE}\r\n0\r\n`;

test.each([
  ["announced", `${CHUNKED}Trailer: x-checksum\r\n\r\n${CHUNK}x-checksum: 1\r\n\r\n`],
  ["unannounced", `${CHUNKED}\r\n${CHUNK}x-checksum: 1\r\n\r\n`],
])("a body with %s trailers is refused before anything is done", async (_, request) => {
  let handled = 0;
  const route = bareEndpoint("POST", "/cart/{userId}/items", async () => {
    handled += 1;
    return { statusCode: 200 };
  });
  const own = startServer([route]);
  const socket = await openSocket(own.url);
  socket.write(request);
  await vi.waitFor(() => expect(socket.received()).toMatch(/^HTTP\/1\.1 400 /), 30_000);
  socket.close();
  expect(handled).toBe(0);
  const plain = await openSocket(own.url);
  plain.write(`${CHUNKED}\r\n${CHUNK}\r\n`);
  await vi.waitFor(() => expect(plain.received()).toMatch(/^HTTP\/1\.1 200 /), 30_000);
  plain.close();
  expect(handled).toBe(1);
});

test.each(["gzip", "br", "deflate", "GZIP", "gzip, identity"])(
  "a body in %s is answered 415",
  async (encoding) => {
    const headers = { "content-type": "application/json", "content-encoding": encoding };
    const answer = await fetch(`${url}/cart/alice/items`, { method: "POST", headers, body: LINE });
    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({
      error: "UNSUPPORTED_MEDIA_TYPE",
      message: "The body must come as it is, without a Content-Encoding",
    });
  },
);
