import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { clientOf } from "./client.ts";
import { type ShopProcess, startShop } from "./shop-process.ts";

let dir: string;
let shop: ShopProcess;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "stampede-journey-"));
  shop = await startShop({ DATA_DIR: dir });
});
afterAll(async () => {
  shop.kill("SIGTERM");
  await shop.exited;
});

test("from browsing to a fulfilled order", async () => {
  const client = clientOf(shop.url);
  const page = await client.get("/products?limit=5");
  expect(page.body.products).toHaveLength(5);
  const product_id = page.body.products[0].product_id;
  await vi.waitFor(async () => expect((await client.get("/products/search?q=a")).status).toBe(200), 10_000);

  const cart = await client.post("/cart/alice/items", { product_id, quantity: 2 });
  expect(cart.body.items).toMatchObject([{ product_id, quantity: 2 }]);
  const order = await client.post("/cart/alice/checkout");
  expect(order.status).toBe(201);
  expect(order.body.order.total).toBe(cart.body.total);

  const confirmedAt = Date.parse(order.body.order.updated_at);
  const fulfilled = await vi.waitFor(
    async () => {
      const { body } = await client.get(`/orders/${order.body.order_id}`);
      expect(body.status).toBe("fulfilled");
      return body;
    },
    { timeout: 5_000, interval: 20 },
  );
  expect(Date.parse(fulfilled.updated_at) - confirmedAt).toBeLessThan(1_000);
  const stock = await client.get(`/products/${product_id}/stock`);
  expect(stock.body).toMatchObject({ available: 999_998, reserved: 0, sold: 2 });
  expect((await client.get("/orders?user_id=alice")).body.orders).toEqual([fulfilled]);
});

test("a second launcher on the same data directory is told who has it", async () => {
  await expect(startShop({ DATA_DIR: dir })).rejects.toThrow(`Process ${shop.pid} already works on`);
});

test("the embedded engine, killed, is started again with nothing lost", async () => {
  const client = clientOf(shop.url);
  await client.put("/products/7/stock", { available: 77 });
  const { engine } = JSON.parse(await readFile(join(dir, "owner.json"), "utf8"));
  process.kill(engine.pid, "SIGKILL");
  await vi.waitFor(
    async () => expect((await client.get("/products/7/stock")).body).toMatchObject({ available: 77 }),
    { timeout: 10_000, interval: 100 },
  );
});

test("SIGTERM ends it with exit code 0, its last metrics published and nothing left running", async () => {
  shop.kill("SIGTERM");
  expect(await shop.exited).toBe(0);
  const metrics = shop
    .output()
    .split("\n")
    .filter((line) => line.includes('"_aws"'));
  expect(metrics.some((line) => line.includes('"OrdersFulfilled":1'))).toBe(true);
  const again = await startShop({ DATA_DIR: dir });
  expect((await clientOf(again.url).get("/products/7/stock")).body.available).toBe(77);
  again.kill("SIGTERM");
  expect(await again.exited).toBe(0);
});

test("a wrong setting is named at start-up", async () => {
  const start = startShop({ DATA_DIR: dir, PORT: "eighty", PAYMENT_TIMEOUT_MS: "-1" });
  await expect(start).rejects.toThrow(/PORT must be .*"eighty"[\s\S]*PAYMENT_TIMEOUT_MS must be/);
});
