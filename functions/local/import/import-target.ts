import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../../../core/config/config.ts";
import { openShop } from "../../../core/open-shop.ts";
import type { Shop } from "../../../core/shop.ts";
import { createTables } from "../create-tables.ts";
import { claimDataDir } from "../data-dir.ts";
import { startEngine } from "../engine.ts";
import { runningServices } from "../owner.ts";
import type { Progress } from "../progress.ts";
import { seedDatabase } from "../seed.ts";

/** The database an import writes to. */
export interface Target {
  readonly shop: Shop;
  /** Whether a shop may be running on it that does not hear of the products at once. */
  readonly isShared: boolean;
  readonly close: () => Promise<void>;
}

const BUS_POLL_MS = 50;
const BUS_TRIES = 60;

/** An import can wait where a customer cannot. */
const MAX_ATTEMPTS = "8";

/**
 * Opens the database that the environment names: `DYNAMODB_ENDPOINT`; else a stage's tables, linked by `sst shell`;
 * else the one of the shop that runs on the data directory; else the data directory's own, on an engine started
 * for the import.
 *
 * A new data directory is filled with the generated catalogue first, as `npm start` does it, so that it
 * makes no difference which of the two is run first.
 *
 * @throws ConfigurationError, StartError
 */
export const openTarget = async (progress: Progress): Promise<Target> => {
  process.env.DYNAMODB_MAX_ATTEMPTS ||= MAX_ATTEMPTS;
  const { dynamodb, dataDir } = readConfig();
  const running = await runningServices(dataDir);
  const isStage = dynamodb.isLinked && !dynamodb.endpoint;
  if (!isStage) {
    const endpoint = dynamodb.endpoint ?? running.engine?.endpoint;
    if (endpoint === undefined) return openEmbedded(dataDir, progress);
    process.env.DYNAMODB_ENDPOINT = endpoint;
    if (running.redis) process.env.REDIS_URL ||= running.redis.url;
    await createTables(readConfig());
  }
  const shop = openShop();
  const isHeard = await untilHeard(shop);
  return { shop, isShared: !isHeard, close: () => shop.products.close() };
};

/** Whether the shops that run on the database hear of each product: they do over Redis. */
const untilHeard = async ({ products }: Shop): Promise<boolean> => {
  for (let tries = 0; products.isRedisUp && tries < BUS_TRIES; tries++) {
    if (products.isRedisUp()) return true;
    await sleep(BUS_POLL_MS);
  }
  return false;
};

const openEmbedded = async (dir: string, progress: Progress): Promise<Target> => {
  const dataDir = await claimDataDir(dir);
  const closing = [dataDir.release];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    await seedDatabase(readConfig(), dataDir.databaseFile, progress);
    const engine = await startEngine(dataDir.databaseFile);
    closing.push(engine.stop);
    await dataDir.note({ engine: { pid: engine.pid, endpoint: engine.endpoint } });
    process.env.DYNAMODB_ENDPOINT = engine.endpoint;
    await createTables(readConfig());
    return { shop: openShop(), isShared: false, close };
  } catch (error) {
    await close();
    throw error;
  }
};
