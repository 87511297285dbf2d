import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FaultProxy, openProxy } from "./fault-proxy.ts";
import type { ProxySettings } from "./proxy-faults.ts";

const carriedOut: string[] = [];
const server = createServer((request, response) => {
  carriedOut.push(request.url ?? "");
  response.end(`answer to ${request.url}`.padEnd(200, "."));
});
let port: number;
let proxy: FaultProxy;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address === "object" && address) port = address.port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(async () => {
  proxy = await openProxy({ to: port, keepsRequests: true });
  carriedOut.length = 0;
  return () => proxy.close();
});

/** The body, or undefined where the answer did not come through. A connection of its own, so that none is retried. */
const ask = async (path: string, at = proxy): Promise<string | undefined> => {
  try {
    const response = await fetch(`http://127.0.0.1:${at.port}${path}`, { headers: { connection: "close" } });
    return await response.text();
  } catch {
    return undefined;
  }
};

test("without faults everything comes through, counted", async () => {
  expect(await ask("/1")).toMatch(/^answer to \/1\.+$/);
  expect(await ask("/2")).toMatch(/^answer to \/2\.+$/);
  expect(proxy.stats()).toEqual({
    connections: 2,
    requests: 2,
    reset: 0,
    cut: 0,
    hangup: 0,
    half: 0,
    stall: 0,
    droppedRecords: 0,
  });
  expect(proxy.count(/GET \/1 /)).toBe(1);
});

test("requests on one connection are told apart", async () => {
  for (const path of ["/1", "/2", "/3"]) await (await fetch(`http://127.0.0.1:${proxy.port}${path}`)).text();
  expect(proxy.stats()).toMatchObject({ connections: 1, requests: 3 });
});

test("reset: the request never arrives", async () => {
  proxy.set({ reset: 1 });
  expect(await ask("/1")).toBeUndefined();
  expect(carriedOut).toEqual([]);
});

test.for(["cut", "hangup", "half"] as const)(
  "%s: the request is carried out once and the answer lost",
  async (kind) => {
    proxy.set({ [kind]: 1 });
    expect(await ask("/1")).toBeUndefined();
    expect(carriedOut).toEqual(["/1"]);
    expect(proxy.stats()[kind]).toBe(1);
  },
);

test("stall and latency: the answer comes late", async () => {
  const timed = async (settings: Partial<ProxySettings>): Promise<number> => {
    proxy.set(settings);
    const startedAt = performance.now();
    expect(await ask("/1")).toMatch(/^answer/);
    return performance.now() - startedAt;
  };
  expect(await timed({ stall: 1, stallMs: 150 })).toBeGreaterThanOrEqual(145);
  expect(await timed({ latencyMs: 150 })).toBeGreaterThanOrEqual(145);
});

test("an armed fault waits for its request and strikes once", async () => {
  proxy.arm("cut", /\/target/);
  expect(await ask("/other")).toBeDefined();
  expect(await ask("/target")).toBeUndefined();
  expect(await ask("/target")).toBeDefined();
});

test("the same seed gives the same faults", async () => {
  const run = async (seed: number): Promise<boolean[]> => {
    const other = await openProxy({ to: port, seed });
    other.set({ cut: 0.3, reset: 0.2 });
    const seen: boolean[] = [];
    for (let i = 0; i < 20; i++) seen.push((await ask("/", other)) !== undefined);
    await other.close();
    return seen;
  };
  const first = await run(7);
  expect(first).toContain(true);
  expect(first).toContain(false);
  expect(await run(7)).toEqual(first);
  expect(await run(8)).not.toEqual(first);
});

test("drops records of a stream from whole answers, and nothing of others", async () => {
  const Records = Array.from({ length: 5_000 }, (_, eventID) => ({ eventID, padding: "ä".repeat(20) }));
  const body = Buffer.from(JSON.stringify({ Records, NextShardIterator: "next" }));
  const streams = createServer((_, response) => {
    response.setHeader("x-amz-crc32", "1");
    response.setHeader("content-length", body.length);
    response.write(body.subarray(0, 1_000));
    setTimeout(() => response.end(body.subarray(1_000)), 20);
  });
  await new Promise<void>((resolve) => streams.listen(0, "127.0.0.1", resolve));
  const address = streams.address();
  const dropping = await openProxy({ to: typeof address === "object" && address ? address.port : 0 });
  dropping.set({ dropRecords: 0.5 });
  const get = async (operation: string) => {
    const headers = { "x-amz-target": `DynamoDBStreams_20120810.${operation}` };
    const response = await fetch(`http://127.0.0.1:${dropping.port}`, { method: "POST", headers });
    const answer = (await response.json()) as { Records: unknown[]; NextShardIterator: string };
    return { checksum: response.headers.get("x-amz-crc32"), left: answer.Records.length, ...answer };
  };
  try {
    const { left, checksum, NextShardIterator } = await get("GetRecords");
    expect([checksum, NextShardIterator]).toEqual([null, "next"]);
    expect(left).toBeGreaterThan(2_000);
    expect(left).toBeLessThan(3_000);
    expect(dropping.stats().droppedRecords).toBe(5_000 - left);
    expect(await get("DescribeStream")).toMatchObject({ left: 5_000, checksum: "1" });
  } finally {
    await dropping.close();
    await new Promise((resolve) => streams.close(resolve));
  }
});
