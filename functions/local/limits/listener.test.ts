import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { listen } from "./listener.ts";

/** More than a socket takes at once, with two bytes for a character. */
const LONG = "é".repeat(2_000_000);
let server: ReturnType<typeof listen>;
const sockets: Socket[] = [];

beforeAll(() => {
  server = listen(0, async ({ start, header, body }) => {
    if (body.startsWith("slow")) await sleep(50);
    if (body === "long") return { status: 200, type: "text/plain", body: LONG };
    return { status: 200, type: "text/plain", body: `${start}|${header("x-name")}|${body}` };
  });
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.stop();
});

/** A connection with what it has received so far. */
const open = () => {
  const socket = connect(server.port, "127.0.0.1");
  sockets.push(socket);
  let text = "";
  let isEnded = false;
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  socket.on("close", () => (isEnded = true));
  const bodies = (): string[] =>
    [...text.matchAll(/\r\n\r\n(POST [^H]*HTTP\/1.1\|[^H]*)/g)].map(([, body = ""]) => body);
  return {
    socket,
    text: () => text,
    isEnded: () => isEnded,
    bodies,
    untilBodies: (wanted: readonly string[]) => vi.waitFor(() => expect(bodies()).toEqual(wanted)),
  };
};

const request = (body: string, ...headers: string[]): string =>
  [`POST /a HTTP/1.1`, "Host: x", `Content-Length: ${Buffer.byteLength(body)}`, ...headers, "", body].join(
    "\r\n",
  );

test("reads requests that arrive byte by byte", async () => {
  const { socket, untilBodies } = open();
  socket.setNoDelay(true);
  for (const byte of request("one", "X-Name: Ann")) {
    socket.write(byte);
    await sleep(0);
  }
  await untilBodies(["POST /a HTTP/1.1|Ann|one"]);
});

test("answers requests sent at once in their order, on one connection", async () => {
  const { socket, untilBodies, isEnded } = open();
  const last = request("three");
  socket.write(request("slow one") + request("two") + last.slice(0, 20));
  await untilBodies(["POST /a HTTP/1.1|undefined|slow one", "POST /a HTTP/1.1|undefined|two"]);
  socket.write(last.slice(20));
  const all = ["slow one", "two", "three"].map((body) => `POST /a HTTP/1.1|undefined|${body}`);
  await untilBodies(all);
  expect(isEnded()).toBe(false);
});

test("goes on when a client leaves before its answer", async () => {
  const { socket } = open();
  await new Promise((resolve) => socket.write(request("slow long"), resolve));
  socket.destroy();
  const other = open();
  other.socket.write(request("slow"));
  await other.untilBodies(["POST /a HTTP/1.1|undefined|slow"]);
});

test("sends an answer that is larger than what a socket takes at once", async () => {
  const answer = await fetch(`http://127.0.0.1:${server.port}`, { method: "POST", body: "long" });
  expect(await answer.text()).toBe(LONG);
});

test("receives a body that is larger than a chunk", async () => {
  const answer = await fetch(`http://127.0.0.1:${server.port}`, { method: "POST", body: LONG });
  expect((await answer.text()).slice(-LONG.length)).toBe(LONG);
});

test.for([
  ["a body in chunks", 411, request("", "Transfer-Encoding: chunked")],
  ["an expectation", 417, request("one", "Expect: 100-continue").slice(0, -3)],
  ["a length that is no number", 400, request("").replace("Length: 0", "Length: +1")],
  ["a body above the limit", 413, request("").replace("Length: 0", `Length: ${1e12}`)],
  ["a head without an end", 431, `GET / HTTP/1.1\r\nx: ${"y".repeat(20_000)}`],
] as const)("refuses %s with %i and closes", async ([, status, bytes]) => {
  const { socket, text, isEnded } = open();
  socket.write(bytes);
  await vi.waitFor(() => expect(isEnded()).toBe(true));
  expect(text()).toContain(`HTTP/1.1 ${status}`);
});

test.for([
  ["that asks for it", request("bye", "Connection: Close"), "POST /a HTTP/1.1|undefined|bye"],
  ["of HTTP/1.0", request("old").replace("HTTP/1.1", "HTTP/1.0"), "POST /a HTTP/1.0|undefined|old"],
] as const)("closes after a request %s", async ([, bytes, body]) => {
  const { socket, text, isEnded } = open();
  socket.write(bytes);
  await vi.waitFor(() => expect(isEnded()).toBe(true));
  expect(text()).toContain(body);
});
