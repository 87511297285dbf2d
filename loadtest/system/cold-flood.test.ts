import { beforeAll, expect, test, vi } from "vitest";
import { endWithTests } from "./ending.ts";
import { type Flood, openFlood } from "./flood.ts";
import { describeWithRedis } from "./programs.ts";
import { type RedisProcess, startRedis } from "./redis-process.ts";
import {
  type CacheState,
  joinShop,
  type Launcher,
  launchShop,
  type Shop,
  untilRedisIsUsed,
} from "./shops.ts";

const READS = 10_000;

/** Reads seen to wait for one load at the same moment; how many more there are the process's limiter decides. */
const AT_ONCE = 100;

const flood = async (shop: Shop, connections: number): Promise<Flood> => {
  const opened = await openFlood(shop.url, connections);
  endWithTests(opened.close);
  return opened;
};

/** How many of a process's reads loaded, and how many shared a load, since these were its counts. */
const since = async (shop: Shop, before: CacheState) => {
  const now = await shop.cache();
  return {
    loads: now.loads - before.loads,
    collapsed: now.collapsed_loads - before.collapsed_loads,
    hits: now.l1.hits - before.l1.hits,
  };
};

const expectAllAnswered = (answers: readonly string[], product: number): void => {
  const isFine = (answer: string): boolean =>
    answer.startsWith("HTTP/1.1 200") && answer.includes(`"product_id":${product},`);
  expect(answers.filter((answer) => !isFine(answer))).toEqual([]);
};

describeWithRedis("10,000 concurrent reads of a cold product", () => {
  let redis: RedisProcess;
  let launcher: Launcher;

  beforeAll(async () => {
    redis = await startRedis();
    launcher = await launchShop({ REDIS_URL: redis.url });
    await untilRedisIsUsed(launcher);
  });

  test("one process loads it once", async () => {
    const { pid } = launcher.services.engine;
    const { ask, close } = await flood(launcher, READS);
    const before = await launcher.cache();
    // The database waits with its answer until all the questions are there.
    process.kill(pid, "SIGSTOP");
    try {
      const answers = ask("/products/11");
      // No more than the process admits at once; the others come again.
      await vi.waitFor(
        async () => expect((await since(launcher, before)).collapsed).toBeGreaterThan(AT_ONCE),
        { timeout: 10_000, interval: 20 },
      );
      process.kill(pid, "SIGCONT");
      expectAllAnswered(await answers, 11);
    } finally {
      process.kill(pid, "SIGCONT");
      close();
    }
    expect(await since(launcher, before)).toMatchObject({ loads: 1 });
  });

  test("two processes load it once between them", async () => {
    const joiner = await joinShop(launcher, redis.url);
    await untilRedisIsUsed(joiner);
    const askAt = async (shop: Shop) => {
      const { ask, close } = await flood(shop, READS / 2);
      const before = await shop.cache();
      return {
        ask: async () => {
          expectAllAnswered(await ask("/products/12"), 12);
          close();
        },
        counts: () => since(shop, before),
      };
    };
    const floods = [await askAt(launcher), await askAt(joiner)];
    await Promise.all(floods.map(({ ask }) => ask()));
    const counts = await Promise.all(floods.map((each) => each.counts()));
    expect(counts.map(({ loads }) => loads).toSorted()).toEqual([0, 1]);
  });
});
