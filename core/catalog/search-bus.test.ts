import { afterEach, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { startRedis } from "../../loadtest/harness/redis-process.ts";
import type { Shop } from "../shop.ts";
import { openShop } from "../testing/open-shop.ts";
import { patientConfig } from "../testing/patient-config.ts";
import { putProduct } from "./catalog.ts";
import { searchProducts } from "./search.ts";
import { buildSearchIndex, closeSearch } from "./search-build.ts";

const PATIENCE = { timeout: 20_000 };
const details = { sku: "S", manufacturer: "M", category_id: 1, weight: 1, some_other_id: 1 };
const total = async (shop: Shop, query: string) => (await searchProducts(shop, query, 5)).total_found;

/** A shop as in a process of its own. */
const openOn = async (url: string, CACHE_MODE = "tiered"): Promise<Shop> => {
  const shop = openShop(patientConfig({ ...process.env, REDIS_URL: url, CACHE_MODE }));
  endWithTests(async () => {
    await closeSearch(shop);
    await shop.products.close();
  });
  await vi.waitUntil(() => shop.products.isRedisUp?.(), PATIENCE);
  return shop;
};

let lastId = 500;
afterEach(() => void vi.restoreAllMocks());

describeWithRedis("with Redis", () => {
  test.each(["off", "redis", "tiered"])("another process's write is found, cache mode %s", async (mode) => {
    const { url } = await startRedis();
    const [reader, writer] = [await openOn(url, mode), await openOn(url, mode)];
    await buildSearchIndex(reader);
    const product_id = (lastId += 1);
    for (const name of ["Lapwing", "Merlin", "Nightjar"]) {
      await putProduct(writer, { product_id, name: `${name} ${mode}`, ...details });
      await vi.waitUntil(async () => (await total(reader, `${name} ${mode}`)) === 1, PATIENCE);
    }
    expect(await total(reader, `lapwing ${mode}`)).toBe(0);
  });

  test("finds products written while the bus was cut", async () => {
    const redis = await startRedis();
    const [reader, writer] = [await openOn(redis.url), await openOn(redis.url)];
    const [changed, added] = [(lastId += 1), (lastId += 1)];
    await putProduct(writer, { product_id: changed, name: "Osprey", ...details });
    await buildSearchIndex(reader);
    await redis.kill();
    await vi.waitUntil(() => !reader.products.isRedisUp?.(), PATIENCE);
    // Another program's writes, which nobody will publish when Redis is back either.
    vi.spyOn(writer.products.cache, "invalidate").mockResolvedValue(undefined);
    await putProduct(writer, { product_id: changed, name: "Plover", ...details });
    await putProduct(writer, { product_id: added, name: "Quail", ...details });
    await redis.start();
    await vi.waitUntil(async () => (await total(reader, "plover")) === 1, PATIENCE);
    await vi.waitUntil(async () => (await total(reader, "quail")) === 1, PATIENCE);
    expect(await total(reader, "osprey")).toBe(0);
  });

  test("a failed read is repeated until the write is found", async () => {
    const { url } = await startRedis();
    const [reader, writer] = [await openOn(url), await openOn(url)];
    await buildSearchIndex(reader);
    const send = vi.spyOn(reader.db, "send").mockRejectedValue(new Error("storage is away"));
    await putProduct(writer, { product_id: (lastId += 1), name: "Redstart", ...details });
    await vi.waitUntil(() => send.mock.calls.length > 0, PATIENCE);
    send.mockRestore();
    await vi.waitUntil(async () => (await total(reader, "redstart")) === 1, PATIENCE);
  });

  test("an untrue version on the bus changes nothing and stops nothing", async () => {
    const { url } = await startRedis();
    const [reader, writer] = [await openOn(url), await openOn(url)];
    await buildSearchIndex(reader);
    const known = (lastId += 1);
    await putProduct(writer, { product_id: known, name: "Siskin", ...details });
    await writer.products.bus.publish({ type: "invalidate", key: known, version: 1_000_000 });
    await writer.products.bus.publish({ type: "invalidate", key: 2_000_000_000, version: 3 });
    await putProduct(writer, { product_id: known, name: "Turnstone", ...details });
    await vi.waitUntil(async () => (await total(reader, "turnstone")) === 1, PATIENCE);
    expect(await total(reader, "siskin")).toBe(0);
  });
});
