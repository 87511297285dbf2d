import { afterEach, expect, test, vi } from "vitest";
import { captureLines } from "../../core/testing/lines.ts";
import { leastOf } from "../../loadtest/harness/least-of.ts";
import { jsonResult } from "../middleware/result.ts";
import { lifecycle } from "../operations/lifecycle.ts";
import { bareEndpoint, openSocket, startServer } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";
import { ENDPOINTS } from "./endpoints.ts";

let finish: () => void = () => undefined;
const slow = bareEndpoint("GET", "/slow", async () => {
  await new Promise<void>((resolve) => {
    finish = resolve;
  });
  return jsonResult(200, { answer: "in time" });
});

/** A server with one request in flight. */
const busyServer = async () => {
  const server = startServer([...ENDPOINTS, slow]);
  const pending = fetch(`${server.url}/slow`);
  pending.catch(() => undefined);
  await vi.waitFor(() => expect(server.inFlight()).toBe(1), 30_000);
  return { ...server, pending };
};

afterEach(() => {
  finish();
  lifecycle.isDraining = false;
});

test("requests in flight end well while new work is refused", async () => {
  const shop = testShop();
  const { url, pending, drain } = await busyServer();
  const draining = drain(60_000);

  const health = await fetch(`${url}/health?by=load-balancer`);
  expect(health.status).toBe(503);
  expect(health.headers.get("retry-after")).toMatch(/^\d+$/);
  expect(await health.json()).toMatchObject({ status: "unhealthy", reason: "shutting down" });

  const refusedBefore = shop.metrics.total("ServerErrors", (route) => route === "GET /cart/{userId}");
  shop.log.setLogLevel("INFO");
  const lines = captureLines();
  const refused = await fetch(`${url}/cart/alice`, { headers: { "x-request-id": "late" } });
  shop.log.setLogLevel("SILENT");
  expect(refused.status).toBe(503);
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    connection: "close",
    "retry-after": expect.stringMatching(/^\d+$/),
    "x-request-id": "late",
  });
  expect(await refused.json()).toMatchObject({ error: "SHUTTING_DOWN", request_id: "late", retryable: true });
  shop.accessLog.flush();
  expect(lines).toMatchObject([
    { level: "INFO", route: "GET /cart/{userId}", status: 503, code: "SHUTTING_DOWN", request_id: "late" },
  ]);
  expect(shop.metrics.total("ServerErrors", (route) => route === "GET /cart/{userId}")).toBe(
    refusedBefore + 1,
  );

  for (const path of ["/cart/health", "/nothing/health", "/slow"]) {
    expect(await (await fetch(url + path)).json()).toMatchObject({ error: "SHUTTING_DOWN" });
  }

  finish();
  const response = await pending;
  expect(response.status).toBe(200);
  expect(response.headers.get("connection")).toBe("close");
  expect(await response.json()).toEqual({ answer: "in time" });
  expect(await draining).toBe(0);
  await expect(fetch(`${url}/health`)).rejects.toThrow();
});

test("a request that waits for its turn when stopping begins is served", async () => {
  const busy = async () => {
    for (const end = performance.now() + 20; performance.now() < end; );
    return jsonResult(200, {});
  };
  const server = startServer([bareEndpoint("GET", "/busy", busy, "read")]);
  const asked = Array.from({ length: 8 }, () => fetch(`${server.url}/busy`));
  await vi.waitFor(() => expect(server.inFlight()).toBeGreaterThan(4), { timeout: 30_000, interval: 1 });
  const draining = server.drain(60_000);
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect(await draining).toBe(0);
});

test("until load balancers have noticed, everything is still served", async () => {
  const { url, drain } = startServer();
  const draining = drain(60_000, 2_000);
  expect((await fetch(`${url}/health`)).status).toBe(503);
  const served = await fetch(`${url}/cart/alice`);
  expect(served.status).toBe(200);
  expect(served.headers.get("connection")).toBe("close");
  expect(await draining).toBe(0);
  await expect(fetch(`${url}/cart/alice`)).rejects.toThrow();
});

test("a connection that is refused is closed, and idle ones do not hold the server up", async () => {
  const { url, drain } = await busyServer();
  const idle = await openSocket(url);
  idle.write("GET /health HTTP/1.1\r\nHost: shop\r\n\r\n");
  await vi.waitFor(() => expect(idle.received()).toMatch(/^HTTP\/1\.1 200 /), 30_000);
  const draining = drain(60_000);

  const refused = await openSocket(url);
  refused.write("GET /products/1 HTTP/1.1\r\nHost: shop\r\n\r\n");
  expect(await refused.rest()).toMatch(/^HTTP\/1\.1 503 .*^Connection: close\r$/ms);
  expect(idle.isClosed()).toBe(false);

  finish();
  expect(await draining).toBe(0);
  await idle.rest();
});

test("requests still in flight at the deadline are cut off and counted", async () => {
  const { url, pending, drain } = await busyServer();
  expect(await drain(50)).toBe(1);
  await expect(pending).rejects.toThrow();
  await expect(fetch(`${url}/health`)).rejects.toThrow();
});

test("with nothing in flight draining ends at once", async () => {
  const took = leastOf(2_000, async () => {
    lifecycle.isDraining = false;
    const server = startServer();
    await (await fetch(`${server.url}/health`)).text();
    const startedAt = performance.now();
    expect(await server.drain(60_000)).toBe(0);
    return performance.now() - startedAt;
  });
  expect(await took).toBeLessThan(2_000);
});
