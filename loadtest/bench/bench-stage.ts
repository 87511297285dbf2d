import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChildService } from "../harness/child-service.ts";
import { startEngine, startRedisIfInstalled } from "../harness/engine-and-redis.ts";
import { detailsOf } from "../harness/product-details.ts";
import { clientOf } from "../harness/shop-client.ts";
import { type ShopProcess, startShop } from "../harness/shop-process.ts";

/** One server with a database and a Redis of their own processes, so that either can be taken away. */
export interface BenchStage {
  readonly shop: ShopProcess;
  readonly client: ReturnType<typeof clientOf>;
  readonly engine: ChildService;
  readonly redis: ChildService;
  /** Fills a cart for each of the buyers. */
  readonly fillCarts: (prefix: string, buyers: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const FILLED_AT_ONCE = 16;

/** @param products so many are made, with stock that lasts */
export const setBenchStage = async (
  products: number,
  environment: Record<string, string> = {},
): Promise<BenchStage> => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-bench-"));
  const engine = await startEngine(join(dir, "engine.db"));
  const redis = await startRedisIfInstalled(dir);
  if (!redis) throw new Error("redis-server is missing: apt-get install redis-server");
  const shop = await startShop({
    LOG_LEVEL: "SILENT",
    DATA_DIR: join(dir, "data"),
    DYNAMODB_ENDPOINT: `http://127.0.0.1:${engine.port}`,
    REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    ...environment,
  });
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
    client,
    engine,
    redis,
    fillCarts: (prefix, buyers) =>
      each(buyers, (i) =>
        expecting(() =>
          client.post(`/cart/${prefix}-${i}/items`, { product_id: 1 + (i % products), quantity: 1 }),
        ),
      ),
    close: async () => {
      shop.kill("SIGTERM");
      await shop.exited;
      await redis.stop();
      await engine.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
};
