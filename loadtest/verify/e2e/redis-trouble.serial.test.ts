import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { leastOf } from "../../harness/least-of.ts";
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
const UNREAD = Array.from({ length: 160 }, (_, i) => i + 41);
/** A busy machine's database may take its time: that is not the question here. */
const SETTINGS = { CATALOG_SIZE: "200", DYNAMODB_TIMEOUT_MS: "10000", OBJECTIVE_READ_MS: "60000" };

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
    launcher = await launchShop({ REDIS_URL: redis.url, ...SETTINGS });
    shops = [launcher, await joinShop(launcher, redis.url, SETTINGS)];
    await untilUsedByAll();
  });

  const untilUsedByAll = async (): Promise<number> =>
    Math.max(...(await Promise.all(shops.map((shop) => untilRedisIsUsed(shop)))));

  const expectShared = (): Promise<void> =>
    vi.waitFor(async () => {
      const [product, [writer, reader]] = [UNREAD.pop(), shops];
      const hits = (await reader?.cache())?.l2.hits ?? 0;
      await writer?.client.get(`/products/${product}`);
      await reader?.client.get(`/products/${product}`);
      expect((await reader?.cache())?.l2.hits).toBeGreaterThan(hits);
    }, PATIENCE_MS);

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
    const killedAndStarted = async (): Promise<void> => {
      await redis.kill();
      await sleep(1_000);
      await vi.waitFor(async () => {
        const health = await shops[0]?.client.get("/health");
        expect(health?.body).toMatchObject({ status: "healthy", redis: "down" });
        expect(await resetMessage()).toContain("in this process only");
      }, PATIENCE_MS);
      await redis.start();
    };
    expect(await leastOf(RETURN_MS, () => duringLoad(killedAndStarted))).toBeLessThan(RETURN_MS);
    await vi.waitFor(async () => expect(await resetMessage()).toContain("everywhere"), PATIENCE_MS);
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
      const hung = async (): Promise<void> => {
        redis.signal("SIGSTOP");
        await sleep(2_000);
        redis.signal("SIGCONT");
      };
      expect(await leastOf(RETURN_MS, () => duringLoad(hung))).toBeLessThan(RETURN_MS);
      await launcher.client.put("/cache", { mode: "tiered" });
    },
  );

  test("out of memory: reads go on, and a write is seen everywhere at once", async () => {
    const statuses: number[] = [];
    await duringLoad(async () => {
      redis.cli("CONFIG", "SET", "maxmemory-policy", "noeviction");
      redis.cli("CONFIG", "SET", "maxmemory", "1");
      expect(redis.cli("SET", "more", "x")).toContain("OOM");
      for (const [i, shop] of shops.entries()) {
        let edition = 0;
        const shopsBehind = async (): Promise<number> => {
          const name = `Edition ${++edition} by ${i} without memory`;
          statuses.push((await shop.client.post("/products/7/details", detailsOf(7, { name }))).status);
          await sleep(50);
          const seen = await Promise.all(shops.map(({ client }) => client.get("/products/7")));
          return seen.filter(({ body }) => body.name !== name).length;
        };
        expect(await leastOf(1, shopsBehind)).toBe(0);
      }
      await sleep(500);
      redis.cli("CONFIG", "SET", "maxmemory", "0");
    });
    expect(new Set(statuses)).toEqual(new Set([204]));
  });

  test("refused from the start, then there, then slow, then vanished: reads go on through all of it", async () => {
    const late = await plannedRedis();
    const proxy = await startProxy(late.port);
    const shop = await joinShop(launcher, `redis://127.0.0.1:${proxy.port}`, SETTINGS);
    const { stop } = startLoad([shop], PRODUCTS, READS_PER_SECOND);
    const untilUnused = () =>
      vi.waitFor(async () => expect((await shop.cache()).l2.usable).toBe(false), PATIENCE_MS);
    try {
      await sleep(700);
      expect((await shop.cache()).l2.usable).toBe(false);
      const afterStart = leastOf(RETURN_MS, async () => {
        await late.kill();
        await untilUnused();
        await late.start();
        return untilRedisIsUsed(shop);
      });
      expect(await afterStart).toBeLessThan(RETURN_MS);

      const afterSlow = leastOf(RETURN_MS, async () => {
        proxy.delayBy(150);
        await untilUnused();
        await sleep(700);
        proxy.delayBy(0);
        return untilRedisIsUsed(shop);
      });
      expect(await afterSlow).toBeLessThan(RETURN_MS);

      proxy.blackHole();
      await untilUnused();
      // Redis was never away: what takes its time is to give up the connections.
      await untilRedisIsUsed(shop);
    } finally {
      expectNobodyNoticed(await stop());
    }
  });
});
