import { beforeAll, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { connectionsAtMost } from "../../harness/open-files.ts";
import { type RedisProcess, startRedis } from "../../harness/redis-process.ts";
import {
  type CacheState,
  joinShop,
  type Launcher,
  launchShop,
  type Shop,
  untilRedisIsUsed,
} from "../../harness/test-shops.ts";
import { type Flood, openFlood } from "./connection-flood.ts";

/** `COLD_READS=10000 npm test -- cold-flood` is the whole flood. */
const READS = connectionsAtMost(Number(process.env.COLD_READS ?? 2_000));

/** The database keeps the first of them waiting until all wait with it; and Redis may be late on a busy machine. */
const PATIENT = {
  DYNAMODB_TIMEOUT_MS: "60000",
  REDIS_TIMEOUT_MS: "10000",
  CIRCUIT_SILENCE_MS: "60000",
};

/**
 * A process that is kept from its processor until Redis counts as silent loads for itself, as it should: on
 * a machine that is busy with other things, the flood may have to come again.
 */
const ONCE_MORE = { retry: 2 };

/** Reads seen to wait for one load at the same moment. */
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

describeWithRedis(`${READS} concurrent reads of a cold product`, () => {
  let redis: RedisProcess;
  let launcher: Launcher;
  let joiner: Shop | undefined;
  let lastCold = 10;

  beforeAll(async () => {
    redis = await startRedis();
    launcher = await launchShop({ ...PATIENT, REDIS_URL: redis.url });
    await untilRedisIsUsed(launcher);
  });

  /** A product that no process has read. */
  const coldProduct = (): number => (lastCold += 1);

  test("one process loads it once", ONCE_MORE, async () => {
    const { pid } = launcher.services.engine;
    const product = coldProduct();
    const { ask, close } = await flood(launcher, READS);
    const before = await launcher.cache();
    // The database waits with its answer, while the questions come.
    process.kill(pid, "SIGSTOP");
    try {
      const answers = ask(`/products/${product}`);
      await vi.waitFor(
        async () => expect((await since(launcher, before)).collapsed).toBeGreaterThan(AT_ONCE),
        60_000,
      );
      process.kill(pid, "SIGCONT");
      expectAllAnswered(await answers, product);
    } finally {
      process.kill(pid, "SIGCONT");
      close();
    }
    const { loads, collapsed, hits } = await since(launcher, before);
    expect(loads).toBe(1);
    expect(collapsed).toBeGreaterThan(AT_ONCE);
    // A refused reader came again, so every read is one of these.
    expect(loads + collapsed + hits).toBe(READS);
  });

  test("two processes load it once between them", ONCE_MORE, async () => {
    const product = coldProduct();
    joiner ??= await joinShop(launcher, redis.url, PATIENT);
    await Promise.all([untilRedisIsUsed(launcher), untilRedisIsUsed(joiner)]);
    const askAt = async (shop: Shop) => {
      const { ask, close } = await flood(shop, READS / 2);
      const before = await shop.cache();
      return {
        ask: async () => {
          expectAllAnswered(await ask(`/products/${product}`), product);
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
