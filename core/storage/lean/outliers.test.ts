import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { openOutliers } from "./outliers.ts";
import { openPoster } from "./post.ts";

let server: Server | undefined;
afterEach(() => server?.closeAllConnections());

const HEADERS = { host: "127.0.0.1", "content-length": "2" };

/** A server whose connections of some numbers answer 500; numbers are those of their opening, from 1. */
const serve = async (isBad: (connection: number) => boolean) => {
  const connections: Socket[] = [];
  server = createServer((request, response) => {
    response.statusCode = isBad(connections.indexOf(request.socket) + 1) ? 500 : 200;
    // So that calls made at the same time take a connection each.
    setTimeout(() => response.end("{}"), 5);
  });
  server.on("connection", (socket) => connections.push(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const { post, close } = openPoster();
  const ask = () =>
    post({ protocol: "http:", hostname: "127.0.0.1", port, path: "/" }, HEADERS, Buffer.from("{}"), {});
  const askAtOnce = async (calls: number): Promise<number> => {
    const answers = await Promise.all(Array.from({ length: calls }, ask));
    return answers.filter(({ statusCode }) => statusCode === 500).length;
  };
  return { connections, askAtOnce, close };
};

test("a connection that fails while the others are well is closed and opened anew", async () => {
  const { connections, askAtOnce } = await serve((number) => number === 2);
  const failures: number[] = [];
  for (let round = 0; round < 20; round++) failures.push(await askAtOnce(8));
  expect(failures.slice(0, 3)).toEqual([1, 1, 1]);
  expect(failures.slice(3).every((failed) => failed === 0)).toBe(true);
  expect(connections).toHaveLength(9);
});

test("where all of them fail, none is opened anew", async () => {
  const { connections, askAtOnce } = await serve(() => true);
  for (let round = 0; round < 20; round++) await askAtOnce(8);
  expect(connections).toHaveLength(8);
});

test("closing leaves no connection open, and later calls open new ones", async () => {
  const { connections, askAtOnce, close } = await serve(() => false);
  await askAtOnce(8);
  close();
  await vi.waitFor(() => expect(connections.every(({ destroyed }) => destroyed)).toBe(true), 30_000);
  await askAtOnce(2);
  expect(connections).toHaveLength(10);
});

test("a connection that fails now and then does not stand out", () => {
  const outliers = openOutliers();
  const [one, other] = [{}, {}];
  for (let call = 0; call < 300; call++) {
    expect(outliers.note(one, call % 3 === 2)).toBe(false);
    expect(outliers.note(other, true)).toBe(false);
  }
});
