import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { clientOf } from "../harness/shop-client.ts";
import { startShop } from "../harness/shop-process.ts";
import type { Benchmark, Row } from "./benchmark.ts";
import { measureModes } from "./cache-modes.ts";
import { rowsOf } from "./in-process.ts";

const PRODUCTS = 100_000;
const ROOT = join(import.meta.dirname, "..", "..");
const TIERS = join(ROOT, "core", "cache", "tiers.bench.ts");

/** Of the child's own cache: not the shop's database in Redis, so that what is emptied there is nobody's. */
const REDIS_DATABASE = 1;

/** Value of the cache: over HTTP in its three modes, then each tier by itself, in a process of its own. */
export const benchmark: Benchmark = async () => {
  const dataDir = process.env.BENCH_DATA_DIR ?? ".data/bench/catalogue";
  const shop = await startShop({
    DATA_DIR: dataDir,
    REDIS_URL: "", // A Redis of its own.
    CATALOG_SIZE: String(PRODUCTS),
    CACHE_WARM: String(PRODUCTS),
    LOG_LEVEL: "WARN",
    METRICS_INTERVAL_MS: "3600000",
  });
  const client = clientOf(shop.url);
  try {
    while ((await client.get("/health")).status !== 200) await Bun.sleep(200);
    while ((await client.get("/products/search?q=warm")).status !== 200) await Bun.sleep(200);
    const modes = await measureModes(shop.url, client, PRODUCTS);
    await client.put("/cache", { mode: "off" });
    return { "GET /products/{id} by mode": modes, "one read, in process": await measureTiers(dataDir) };
  } finally {
    shop.kill("SIGTERM");
    await shop.exited;
  }
};

/** Runs the in-process part on the services that the shop's launcher has started and noted down. */
const measureTiers = async (dataDir: string): Promise<Row[]> => {
  const { engine, redis } = JSON.parse(await readFile(join(dataDir, "owner.json"), "utf8"));
  if (!redis) throw new Error("redis-server is missing: apt-get install redis-server");
  return rowsOf(TIERS, {
    DYNAMODB_ENDPOINT: engine.endpoint,
    REDIS_URL: `${redis.url}/${REDIS_DATABASE}`,
    CATALOG_SIZE: String(PRODUCTS),
    CACHE_TTL_MS: "3600000", // Hits are to be hits, without refreshes.
    CACHE_MEMORY_MB: "512",
    LOG_LEVEL: "WARN",
  });
};
