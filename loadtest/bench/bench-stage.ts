import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChildService } from "../harness/child-service.ts";
import { startEngine, startRedisIfInstalled } from "../harness/engine-and-redis.ts";
import { startLimits } from "../harness/limits-layer.ts";
import { detailsOf } from "../harness/product-details.ts";
import { startServer } from "../harness/server-process.ts";
import { clientOf } from "../harness/shop-client.ts";
import { type ShopProcess, startShop } from "../harness/shop-process.ts";

/** Servers with a database and a Redis of their own processes, so that either can be taken away. */
export interface BenchStage {
  readonly shop: ShopProcess;
  /** Of all servers, the shop's own first. */
  readonly urls: readonly string[];
  readonly client: ReturnType<typeof clientOf>;
  readonly engine: ChildService;
  /** DynamoDB's limits in front of the engine, where the stage has them. */
  readonly limits: ChildService | undefined;
  readonly redis: ChildService;
  /** Fills a cart for each of the buyers. */
  readonly fillCarts: (prefix: string, buyers: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const FILLED_AT_ONCE = 16;

export interface BenchStageOptions {
  /** Of the shop itself and of further servers. */
  readonly servers?: number;
  /** Puts DynamoDB's limits in front of the engine. */
  readonly limitsScale?: number;
}

/** @param products so many are made, with stock that lasts */
export const setBenchStage = async (
  products: number,
  environment: Record<string, string> = {},
  { servers = 1, limitsScale }: BenchStageOptions = {},
): Promise<BenchStage> => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-bench-"));
  const engine = await startEngine(join(dir, "engine.db"));
  const redis = await startRedisIfInstalled(dir);
  if (!redis) throw new Error("redis-server is missing: apt-get install redis-server");
  const limits = limitsScale === undefined ? undefined : await startLimits(engine, "aws", limitsScale);
  const settings = {
    LOG_LEVEL: "SILENT",
    DATA_DIR: join(dir, "data"),
    DYNAMODB_ENDPOINT: `http://127.0.0.1:${(limits ?? engine).port}`,
    REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    ...environment,
  };
  const shop = await startShop(settings);
  const others = await Promise.all(
    Array.from({ length: servers - 1 }, () => startServer({ ...process.env, ...settings })),
  );
  const client = clientOf(shop.url);
  const each = async (count: number, work: (i: number) => Promise<unknown>): Promise<void> => {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) await work(next++);
    };
    await Promise.all(Array.from({ length: FILLED_AT_ONCE }, worker));
  };
  /** Comes again while the server still sheds load from before. */
  const expecting = async (ask: () => Promise<{ status: number }>): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      const { status } = await ask();
      if (status < 300) return;
      if (status !== 503 || attempt === 50) throw new Error(`Setting the stage was answered ${status}`);
      await Bun.sleep(200);
    }
  };
  await each(products, async (i) => {
    const name = ["oak desk lamp", "wool scarf", "steel kettle", "linen shirt", "tent", "backpack"][i % 6];
    await expecting(() => client.post(`/products/${i + 1}/details`, detailsOf(i + 1, { name, price: 9.99 })));
    await expecting(() => client.put(`/products/${i + 1}/stock`, { available: 100_000_000 }));
  });
  return {
    shop,
    urls: [shop.url, ...others.map(({ url }) => url)],
    client,
    engine,
    limits,
    redis,
    fillCarts: (prefix, buyers) =>
      each(buyers, (i) =>
        expecting(() =>
          client.post(`/cart/${prefix}-${i}/items`, { product_id: 1 + (i % products), quantity: 1 }),
        ),
      ),
    close: async () => {
      for (const other of others) await other.stop();
      shop.kill("SIGTERM");
      await shop.exited;
      await redis.stop();
      await limits?.stop();
      await engine.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
};
