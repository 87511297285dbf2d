import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { MAX_CONNECTIONS } from "../client.ts";
import { openPoster } from "./post.ts";
import type { Limited } from "./time-limit.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/** A server that answers each request by a function of its connection's number, from 1, and the request's on it. */
const serve = async (respond: (socket: Socket, connection: number, request: number) => void) => {
  let connections = 0;
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    const number = ++connections;
    let requests = 0;
    sockets.push(socket);
    socket.on("data", () => respond(socket, number, ++requests));
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { post, close } = openPoster();
  closing.push(() => {
    close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const endpoint = { protocol: "http:", hostname: "127.0.0.1", port, path: "/" };
  return {
    count: () => connections,
    /** Waits until the first connection is closed by both sides. */
    closed: () => expect.poll(() => sockets[0]?.destroyed).toBe(true),
    ask: (headers: Record<string, string> = {}, limited: Limited = {}) =>
      post(endpoint, headers, Buffer.from("{}"), limited),
  };
};

test("bytes without a request are not taken for the next one's answer", async () => {
  const { ask, count, closed } = await serve((socket, connection) => {
    socket.write(ANSWER);
    if (connection === 1) setTimeout(() => socket.write("HTTP/1.1 500 Not asked for\r\n"), 20);
  });
  await ask();
  await closed();
  expect((await ask()).statusCode).toBe(200);
  expect(count()).toBe(2);
});

test("a connection whose answer goes on after its end is closed", async () => {
  const { ask, count } = await serve((socket) => socket.write(`${ANSWER}HTTP/1.1 500`));
  for (let i = 0; i < 3; i++) expect((await ask()).body.toString()).toBe("{}");
  expect(count()).toBe(3);
});

test("a connection that the service closes between two calls is not used again", async () => {
  const { ask, count, closed } = await serve((socket, connection) => {
    socket.write(ANSWER);
    if (connection === 1) setTimeout(() => socket.end(), 20);
  });
  await ask();
  await closed();
  expect((await ask()).statusCode).toBe(200);
  expect(count()).toBe(2);
});

test("an answer that is not HTTP is an error, and the next call takes another connection", async () => {
  const { ask, count } = await serve((socket, connection) => {
    socket.write(connection === 1 ? "not HTTP\r\n\r\n" : ANSWER);
  });
  await expect(ask()).rejects.toThrow("The answer is not HTTP/1.1");
  expect((await ask()).statusCode).toBe(200);
  expect(count()).toBe(2);
});

test("an answer without a length ends with its connection", async () => {
  const { ask } = await serve((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nthe whole"));
  expect((await ask()).body.toString()).toBe("the whole");
});

test("a header that would begin another one is not sent", async () => {
  const { ask, count } = await serve((socket) => socket.write(ANSWER));
  await expect(ask({ "x-amz-security-token": "token\r\nx-more: 1" })).rejects.toThrow(
    "The header x-amz-security-token has a forbidden character",
  );
  expect(count()).toBe(0);
});

test("calls beyond the most connections wait for others, and are not sent once they have ended", async () => {
  const held: Socket[] = [];
  const { ask, count } = await serve((socket) => {
    held.push(socket);
  });
  const calls = Array.from({ length: MAX_CONNECTIONS + 20 }, () => ask());
  const ended: Limited = {};
  const late = expect(ask({}, ended)).rejects.toThrow("Called off");
  await expect.poll(() => held.length).toBe(MAX_CONNECTIONS);
  ended.ended = new Error("Called off");
  const released = held.splice(0);
  for (const socket of released) socket.write(ANSWER);
  await expect.poll(() => held.length).toBe(20);
  for (const socket of held) socket.write(ANSWER);
  const answers = await Promise.all(calls);
  expect(answers.every(({ statusCode }) => statusCode === 200)).toBe(true);
  await late;
  expect(held).toHaveLength(20);
  expect(count()).toBe(MAX_CONNECTIONS);
});
