import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { detailsOf } from "../../harness/product-details.ts";
import { plannedRedis, type RedisProcess, startRedis } from "../../harness/redis-process.ts";
import { startProxy } from "../../harness/tcp-proxy.ts";
import {
  joinShop,
  type Launcher,
  launchShop,
  type Shop,
  untilRedisIsUsed,
} from "../../harness/test-shops.ts";
import { type LoadFigures, startLoad } from "./steady-load.ts";

/** The cache's command timeout: what trouble with Redis may add to a read. */
const COMMAND_TIMEOUT_MS = 100;

/**
 * Time that a read may take for other reasons, on a machine that runs the load and all the servers at once.
 */
const MARGIN_MS = 800;

/** From the return of Redis to its use. */
const RETURN_MS = 2_000;

const PRODUCTS = Array.from({ length: 40 }, (_, i) => i + 1);
/** Products that nobody has read yet: the first to read one loads it, the second finds it in Redis. */
const UNREAD = [41, 42, 43, 44, 45, 46, 47, 48, 49, 50];

const READS_PER_SECOND = 300;

const PATIENCE_MS = 30_000;

/** This process, the shop, what it asks, and the shop again: on a busy machine each runs as late as this one does. */
const LATE_PARTS = 4;

const expectNobodyNoticed = ({ failures, latencies, lateness }: LoadFigures): void => {
  expect(failures).toEqual([]);
  expect(latencies.length).toBeGreaterThan(READS_PER_SECOND);
  expect(Math.max(...latencies)).toBeLessThan(COMMAND_TIMEOUT_MS + MARGIN_MS + LATE_PARTS * lateness);
};

describeWithRedis("a shop whose Redis is in trouble", () => {
  let redis: RedisProcess;
  let launcher: Launcher;
  let shops: Shop[];

  beforeAll(async () => {
    redis = await startRedis();
    launcher = await launchShop({ REDIS_URL: redis.url });
    shops = [launcher, await joinShop(launcher, redis.url)];
    await untilUsedByAll();
  });

  const untilUsedByAll = async (): Promise<number> =>
    Math.max(...(await Promise.all(shops.map((shop) => untilRedisIsUsed(shop)))));

  const expectShared = async (): Promise<void> => {
    const [product, [writer, reader]] = [UNREAD.pop(), shops];
    const hits = (await reader?.cache())?.l2.hits ?? 0;
    await writer?.client.get(`/products/${product}`);
    await reader?.client.get(`/products/${product}`);
    expect((await reader?.cache())?.l2.hits).toBeGreaterThan(hits);
  };

  /** Has `trouble` happen under a steady load; how long Redis took to be used after it. */
  const duringLoad = async (trouble: () => Promise<void>): Promise<number> => {
    const { stop } = startLoad(shops, PRODUCTS, READS_PER_SECOND);
    try {
      await sleep(500);
      await trouble();
      const returnedIn = await untilUsedByAll();
      await expectShared();
      return returnedIn;
    } finally {
      expectNobodyNoticed(await stop());
    }
  };

  const resetMessage = async (): Promise<string> =>
    (await launcher.client.post("/resilience/reset/payment")).body.message;

  test("killed and started again: no read fails, and it is used again within two seconds", async () => {
    const returnedIn = await duringLoad(async () => {
      await redis.kill();
      await sleep(1_000);
      expect((await shops[0]?.client.get("/health"))?.body).toMatchObject({
        status: "healthy",
        redis: "down",
      });
      expect(await resetMessage()).toContain("in this process only");
      await redis.start();
    });
    expect(returnedIn).toBeLessThan(RETURN_MS);
    expect(await resetMessage()).toContain("everywhere");
  });

  test("without a single read: heartbeats open the circuit and close it", async () => {
    const states = () =>
      Promise.all(
        shops.map(async ({ client }) => (await client.get("/resilience/circuit-breakers")).body.redis.state),
      );
    await vi.waitFor(async () => expect(await states()).toEqual(["closed", "closed"]), PATIENCE_MS);
    redis.signal("SIGSTOP");
    await vi.waitFor(async () => expect(await states()).toEqual(["open", "open"]), PATIENCE_MS);
    redis.signal("SIGCONT");
    await vi.waitFor(async () => expect(await states()).toEqual(["closed", "closed"]), PATIENCE_MS);
  });

  test.each(["tiered", "redis"])(
    "hung for two seconds, in mode %s: no read fails or waits beyond the command timeout",
    async (mode) => {
      await launcher.client.put("/cache", { mode });
      const returnedIn = await duringLoad(async () => {
        redis.signal("SIGSTOP");
        await sleep(2_000);
        redis.signal("SIGCONT");
      });
      expect(returnedIn).toBeLessThan(RETURN_MS);
      await launcher.client.put("/cache", { mode: "tiered" });
    },
  );

  test("out of memory: reads go on, and a write is seen everywhere at once", async () => {
    await duringLoad(async () => {
      redis.cli("CONFIG", "SET", "maxmemory-policy", "noeviction");
      redis.cli("CONFIG", "SET", "maxmemory", "1mb");
      expect(redis.cli("SET", "more", "x")).toContain("OOM");
      for (const [i, shop] of shops.entries()) {
        const name = `Written by ${i} without memory`;
        expect((await shop.client.post("/products/7/details", detailsOf(7, { name }))).status).toBe(204);
        await sleep(50);
        for (const { client } of shops) expect((await client.get("/products/7")).body.name).toBe(name);
      }
      await sleep(500);
      redis.cli("CONFIG", "SET", "maxmemory", "0");
    });
  });

  test("refused from the start, then there, then slow, then vanished: reads go on through all of it", async () => {
    const late = await plannedRedis();
    const proxy = await startProxy(late.port);
    const shop = await joinShop(launcher, `redis://127.0.0.1:${proxy.port}`);
    const { stop } = startLoad([shop], PRODUCTS, READS_PER_SECOND);
    try {
      await sleep(700);
      expect((await shop.cache()).l2.usable).toBe(false);
      await late.start();
      expect(await untilRedisIsUsed(shop)).toBeLessThan(RETURN_MS);

      proxy.delayBy(150);
      await vi.waitFor(async () => expect((await shop.cache()).l2.usable).toBe(false), PATIENCE_MS);
      await sleep(700);
      proxy.delayBy(0);
      const afterSlow = await untilRedisIsUsed(shop);

      proxy.blackHole();
      await vi.waitFor(async () => expect((await shop.cache()).l2.usable).toBe(false), PATIENCE_MS);
      // Redis was never away: what takes its time is to give up the connections.
      await untilRedisIsUsed(shop);
      expect(afterSlow).toBeLessThan(RETURN_MS);
    } finally {
      expectNobodyNoticed(await stop());
    }
  });
});
