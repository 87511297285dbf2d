import { afterEach, expect, test } from "vitest";
import { buildSearchIndex } from "../../core/catalog/search-build.ts";
import { startServer } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";
import { lifecycle } from "./lifecycle.ts";

process.env.MEMORY_LIMIT_MB = "64"; // Less than any process of ours takes.
const { url } = startServer();

const read = async (path: string) => (await (await fetch(url + path)).json()) as Record<string, number>;

afterEach(() => {
  lifecycle.isWarming = false;
  lifecycle.needsSearch = false;
});

test("memory counts requests by their kind, and the calls they make", async () => {
  const before = await read("/memory");
  await fetch(`${url}/cart/alice`);
  await fetch(`${url}/products/5/details`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      product_id: 5,
      sku: "SKU",
      manufacturer: "Northwind",
      category_id: 1,
      weight: 1,
      some_other_id: 1,
    }),
  });
  await fetch(`${url}/cart/alice/items/1`, { method: "DELETE" });
  await fetch(`${url}/nothing`);
  const after = await read("/memory");
  const grown = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
  expect(grown("requests_processed")).toBe(5); // The first look at the memory among them.
  expect(grown("read_operations")).toBe(2);
  expect(grown("write_operations")).toBe(2);
  expect(grown("dynamodb_reads")).toBe(1);
  expect(grown("dynamodb_writes")).toBe(2);
  expect(after.alloc_mb).toBeGreaterThan(1);
  expect(after.sys_mb).toBeGreaterThan(after.alloc_mb ?? 0);
});

test("stats show what the process did", async () => {
  const shop = testShop();
  shop.metrics.add("OrdersPlaced", 2);
  expect(await read("/stats")).toMatchObject({ dynamodb_enabled: true, orders: { placed: 2, confirmed: 0 } });
});

test("over the memory limit the process is unhealthy, and says why", async () => {
  const response = await fetch(`${url}/health`);
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("5");
  expect(await response.json()).toMatchObject({
    status: "unhealthy",
    reason: "resident memory is over the limit of 64 MB",
    memory_mb: expect.any(Number),
  });
});

test("health tells how late the event loop is", async () => {
  testShop().resilience.admission.noteLoopDelay(12.4);
  expect(await read("/health")).toMatchObject({ event_loop_delay_ms: 12 });
});

test("health names the release that runs", async () => {
  expect(await read("/health")).toMatchObject({ release: "local" });
});

test("while it warms up a process takes no requests from a load balancer", async () => {
  lifecycle.isWarming = true;
  expect(await read("/health")).toMatchObject({ status: "unhealthy", reason: "warming the cache" });
});

test("a server is not healthy before it can search", async () => {
  lifecycle.needsSearch = true;
  const building = { search: "building", reason: "building the search index" };
  expect(await read("/health")).toMatchObject({ status: "unhealthy", ...building });
  await buildSearchIndex(testShop());
  expect(await read("/health")).toMatchObject({ search: "ready", reason: expect.stringContaining("memory") });
});

test.each(["/health", "/stats", "/memory", "/cart/alice", "/nothing"])(
  "no cache keeps the answer of %s",
  async (path) => {
    expect((await fetch(url + path)).headers.get("cache-control")).toBe("no-store");
  },
);
