import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { type ShopProcess, startShop } from "../../harness/shop-process.ts";

const PATIENCE_MS = 60_000;
const WARM_CLI = join(import.meta.dirname, "..", "..", "..", "functions", "local", "warm-cache.ts");

describeWithRedis("hot products", () => {
  let dir: string;
  let secondDir: string;
  let first: ShopProcess;
  let second: ShopProcess;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "stampede-hot-"));
    first = await startShop({ DATA_DIR: dir, CATALOG_SIZE: "300" });
    const { engine, redis } = JSON.parse(await readFile(join(dir, "owner.json"), "utf8"));
    secondDir = await mkdtemp(join(tmpdir(), "stampede-hot-"));
    second = await startShop({
      DATA_DIR: secondDir,
      DYNAMODB_ENDPOINT: engine.endpoint,
      REDIS_URL: redis.url,
      CACHE_WARM: "40",
    });
    for (const { url } of [first, second]) {
      await vi.waitFor(
        async () => expect((await clientOf(url).get("/cache")).body.l2.usable).toBe(true),
        PATIENCE_MS,
      );
    }
  });
  afterAll(async () => {
    for (const shop of [second, first]) {
      shop?.kill("SIGTERM");
      await shop?.exited;
    }
    for (const folder of [dir, secondDir]) await rm(folder, { recursive: true, force: true });
  });

  const detail = async (url: string, path: string) =>
    (await clientOf(url).get(path)).headers.get("cache-status")?.match(/detail=(\S+)/)?.[1];

  test("a process that warms its cache at start calls itself healthy once it is warm", async () => {
    await vi.waitFor(
      async () => expect((await clientOf(second.url).get("/health")).status).toBe(200),
      PATIENCE_MS,
    );
    expect((await clientOf(second.url).get("/cache")).body.l1.entries).toBeGreaterThanOrEqual(40);
  });

  test("a product pinned by one process is in the other's memory and list", async () => {
    const pinned = await clientOf(first.url).post("/products/123/hot");
    expect(pinned.body).toMatchObject({ product_id: 123, ttl: 3600, cached_in: "redis" });
    await vi.waitFor(
      async () => expect(await detail(second.url, "/products/123")).toBe("memory"),
      PATIENCE_MS,
    );
    const { body } = await clientOf(second.url).get("/products/hot");
    expect(body.hot_products.find(({ id }: { id: number }) => id === 123)?.hot.pinned).toBe(true);
    expect((await clientOf(first.url).post("/products/9999/hot")).status).toBe(404);
  });

  test("a product that many read is found by itself", async () => {
    const client = clientOf(first.url);
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 25 }, () => client.get("/products/77")));
    }
    const { body } = await client.get("/products/hot");
    const found = body.hot_products.find(({ id }: { id: number }) => id === 77);
    expect(found?.hot).toMatchObject({ pinned: false });
    expect(found?.hot.reads).toBeGreaterThanOrEqual(200);
  });

  test("the comparison measures every tier on this request", async () => {
    const { body } = await clientOf(first.url).get("/products/5/compare");
    const ms = (text: string): number => Number.parseFloat(text);
    expect(body.product).toMatchObject({ product_id: 5 });
    expect(ms(body.memory_latency)).toBeLessThan(ms(body.dynamodb_latency));
    expect(ms(body.redis_latency)).toBeGreaterThan(0);
    expect(body.speedup_factor).toBeCloseTo(ms(body.dynamodb_latency) / ms(body.redis_latency), 0);
  });

  test("cache:warm loads a list into Redis, for every process", async () => {
    const warm = (...parameters: string[]) =>
      spawnSync(process.execPath, [WARM_CLI, ...parameters], {
        env: { ...process.env, DATA_DIR: dir, DYNAMODB_ENDPOINT: "", TABLE_PREFIX: "", LOG_LEVEL: "WARN" },
        encoding: "utf8",
      });
    const done = warm("201", "202", "203");
    expect(done.stdout).toContain("3 products are in Redis");
    expect(done.status).toBe(0);
    expect(await detail(first.url, "/products/202")).toBe("redis");
    expect(warm("--top", "10").status).toBe(0);
    expect(warm("seven").stderr).toContain("seven is no product id");
    expect(warm().status).toBe(2);
  });

  test("the mode is switched in both processes at once", async () => {
    await clientOf(first.url).put("/cache", { mode: "off" });
    await vi.waitFor(
      async () => expect((await clientOf(second.url).get("/cache")).body.mode).toBe("off"),
      PATIENCE_MS,
    );
    const { headers } = await clientOf(second.url).get("/products/123");
    expect(headers.get("cache-status")).toBe("Stampede; fwd=bypass; detail=dynamodb");
    expect(headers.get("x-cache")).toBe("MISS");
    await clientOf(second.url).put("/cache", { mode: "tiered" });
    await vi.waitFor(
      async () => expect((await clientOf(first.url).get("/cache")).body.mode).toBe("tiered"),
      PATIENCE_MS,
    );
  });

  test("a product written in one process is found by the other's search", async () => {
    const product = {
      product_id: 250,
      sku: "S",
      manufacturer: "Marlow",
      category_id: 1,
      weight: 1,
      some_other_id: 1,
    };
    const written = await clientOf(first.url).post("/products/250/details", {
      ...product,
      name: "Zanzibar drum",
    });
    expect(written.status).toBe(204);
    await vi.waitFor(async () => {
      const { body } = await clientOf(second.url).get("/products/search?q=zanzibar");
      expect(body.products).toMatchObject([{ product_id: 250, name: "Zanzibar drum" }]);
    }, PATIENCE_MS);
  });
});
