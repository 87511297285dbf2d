import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { afterAll, expect, test, vi } from "vitest";
import { connectionsAtMost } from "../../harness/open-files.ts";
import { launchShop } from "../../harness/test-shops.ts";

const READERS = connectionsAtMost(2_000);
const LARGEST = "/docs/swagger-ui-bundle.js";
const SOME = 50;

const shop = await launchShop();
const readers: Socket[] = [];
afterAll(() => {
  for (const reader of readers) reader.destroy();
});

/** Sends a request for the largest file, and never reads the answer. */
const openReader = async (): Promise<void> => {
  const { hostname, port } = new URL(shop.url);
  const socket = connect(Number(port), hostname).on("error", () => undefined);
  readers.push(socket);
  await once(socket, "connect");
  socket.pause();
  socket.write(`GET ${LARGEST} HTTP/1.1\r\nHost: shop\r\n\r\n`);
};

/** The bytes of the shop's memory that are in use now. */
const residentMemory = async (): Promise<number> => {
  const status = await readFile(`/proc/${shop.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
};

const isHealthy = async (): Promise<boolean> => (await fetch(`${shop.url}/health`)).ok;

test("clients that never read cost a fraction of what they ask for, and harm nobody", async () => {
  const size = (await (await fetch(shop.url + LARGEST)).bytes()).length;
  const before = await residentMemory();
  while (readers.length + SOME <= READERS) {
    await Promise.all(Array.from({ length: SOME }, openReader));
    expect(await isHealthy()).toBe(true);
  }
  expect((await residentMemory()) - before).toBeLessThan((READERS * size) / 30);
  // Until the readers are gone, the kernel's own memory for connections may be used up, the database's too.
  for (const reader of readers) reader.destroy();
  await vi.waitFor(async () => expect((await fetch(`${shop.url}/products/1`)).status).toBe(200), 60_000);
});
