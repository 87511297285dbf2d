import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buyUntilFulfilled } from "../../harness/journey.ts";
import { NO_HURRY_TO_PAY } from "../../harness/no-hurry.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { type ShopProcess, startShop } from "../../harness/shop-process.ts";

let dir: string;
let shop: ShopProcess;
let orders = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "stampede-journey-"));
  shop = await startShop({ DATA_DIR: dir, ...NO_HURRY_TO_PAY });
});
afterAll(async () => {
  shop.kill("SIGTERM");
  await shop.exited;
  await rm(dir, { recursive: true, force: true });
});

test("from browsing to a fulfilled order", async () => {
  orders = await buyUntilFulfilled(clientOf(shop.url), "alice");
});

test("a second launcher on the same data directory learns which process has it", async () => {
  await expect(startShop({ DATA_DIR: dir })).rejects.toThrow(`Process ${shop.pid} already works on`);
});

test("the embedded engine, killed, is started again with nothing lost", async () => {
  const client = clientOf(shop.url);
  await client.put("/products/7/stock", { available: 77 });
  const { engine } = JSON.parse(await readFile(join(dir, "owner.json"), "utf8"));
  process.kill(engine.pid, "SIGKILL");
  await vi.waitFor(
    async () => expect((await client.get("/products/7/stock")).body).toMatchObject({ available: 77 }),
    { timeout: 60_000, interval: 100 },
  );
});

test("the launcher's Redis, killed, is started again where the shop finds it", async (context) => {
  const services = async () => JSON.parse(await readFile(join(dir, "owner.json"), "utf8"));
  const { redis } = await services();
  if (!redis) return context.skip("no redis-server is installed");
  process.kill(redis.pid, "SIGKILL");
  await vi.waitFor(async () => expect((await services()).redis.pid).not.toBe(redis.pid), 30_000);
  expect((await services()).redis.url).toBe(redis.url);
  const { get } = clientOf(shop.url);
  await vi.waitFor(async () => expect((await get("/cache")).body.l2.usable).toBe(true), 30_000);
});

test("SIGTERM ends it with exit code 0, its last metrics published and nothing left running", async () => {
  shop.kill("SIGTERM");
  expect(await shop.exited).toBe(0);
  const metrics = shop
    .output()
    .split("\n")
    .filter((line) => line.includes('"_aws"'))
    .map((line) => JSON.parse(line) as { OrdersFulfilled?: number });
  expect(metrics.reduce((sum, { OrdersFulfilled = 0 }) => sum + OrdersFulfilled, 0)).toBe(orders);
  const again = await startShop({ DATA_DIR: dir });
  expect((await clientOf(again.url).get("/products/7/stock")).body.available).toBe(77);
  again.kill("SIGTERM");
  expect(await again.exited).toBe(0);
});

test("a wrong setting is named at start-up", async () => {
  const start = startShop({ DATA_DIR: dir, PORT: "eighty", PAYMENT_TIMEOUT_MS: "-1" });
  await expect(start).rejects.toThrow(/PORT must be .*"eighty"[\s\S]*PAYMENT_TIMEOUT_MS must be/);
});
