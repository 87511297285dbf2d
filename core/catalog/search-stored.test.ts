import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { startRedis } from "../../loadtest/harness/redis-process.ts";
import { BELIEVED_MS } from "../cache/tiered-cache.ts";
import type { Shop } from "../shop.ts";
import { openShop } from "../testing/open-shop.ts";
import { patientConfig } from "../testing/patient-config.ts";
import { putProduct } from "./catalog.ts";
import { searchProducts } from "./search.ts";
import { buildSearchIndex, closeSearch } from "./search-build.ts";
import type { SearchFeed } from "./search-state.ts";

const PATIENCE = { timeout: 20_000 };
const details = { sku: "S", manufacturer: "M", category_id: 1, weight: 1, some_other_id: 1 };

/** A feed that never brings anything: what the index holds stays as old as it is. */
const silent = (isCurrent = true): SearchFeed => ({
  begin: async () => undefined,
  canFollow: async () => true,
  follow: async () => undefined,
  doubt: () => undefined,
  isCurrent: () => isCurrent,
  stop: async () => undefined,
});

const openKept = async (REDIS_URL = "", feed = silent()): Promise<Shop> => {
  const dir = mkdtempSync(join(tmpdir(), "stampede-search-"));
  const shop = openShop(patientConfig({ ...process.env, REDIS_URL }));
  shop.search.source = { file: { path: join(dir, "search.db"), table: "t" }, feed };
  endWithTests(async () => {
    await closeSearch(shop);
    await shop.products.close();
    rmSync(dir, { recursive: true });
  });
  return shop;
};

const found = async (shop: Shop, query: string) => (await searchProducts(shop, query, 5)).products;

test("an index in a file gives its products without reading them elsewhere", async () => {
  const shop = await openKept();
  const writer = openShop(patientConfig());
  await putProduct(writer, { product_id: 1, name: "Avocet", price: 1.5, ...details });
  await buildSearchIndex(shop);
  const send = vi.spyOn(shop.db, "send");
  expect(await found(shop, "avocet")).toMatchObject([
    { product_id: 1, name: "Avocet", price: 1.5, version: 1 },
  ]);
  expect(send).not.toHaveBeenCalled();
  await putProduct(shop, { product_id: 1, name: "Avocet, blue", ...details });
  expect(await found(shop, "avocet")).toMatchObject([{ name: "Avocet, blue", price: 1.5, version: 2 }]);
});

test("an index that may have missed something does not give its products", async () => {
  const shop = await openKept("", silent(false));
  const writer = openShop(patientConfig());
  await putProduct(writer, { product_id: 2, name: "Bunting", ...details });
  await buildSearchIndex(shop);
  await putProduct(writer, { product_id: 2, name: "Bunting, red", ...details });
  expect(await found(shop, "bunting")).toMatchObject([{ name: "Bunting, red" }]);
});

describeWithRedis("with Redis", () => {
  test("a write that was announced is never answered with the product before it", async () => {
    const { url } = await startRedis();
    const [reader, writer] = [await openKept(url), await openKept(url)];
    for (const shop of [reader, writer]) await vi.waitUntil(() => shop.products.isRedisUp?.(), PATIENCE);
    await putProduct(writer, { product_id: 3, name: "Chough", ...details });
    await buildSearchIndex(reader);
    const heard = new Promise<void>((resolve) => {
      reader.products.bus.onMessage((message) => {
        if (message.type === "invalidate" && message.version === 21) resolve();
      });
    });
    let last = 0;
    for (let version = 2; version <= 21; version++) {
      const writing = putProduct(writer, { product_id: 3, name: `Chough ${version}`, ...details });
      const [product] = await found(reader, "chough");
      expect(product?.version).toBeGreaterThanOrEqual(last);
      last = product?.version ?? 0;
      await writing;
    }
    await heard;
    expect(await found(reader, "chough")).toMatchObject([{ version: 21 }]);
  });

  test("without news from the bus the products are read where memory would read them", async () => {
    const redis = await startRedis();
    const reader = await openKept(redis.url);
    const writer = openShop(patientConfig());
    await vi.waitUntil(() => reader.products.isRedisUp?.(), PATIENCE);
    await putProduct(writer, { product_id: 4, name: "Dotterel", ...details });
    await buildSearchIndex(reader);
    expect(await found(reader, "dotterel")).toMatchObject([{ version: 1 }]);
    await redis.kill();
    await vi.waitUntil(() => reader.now() - reader.products.bus.heardUntil() > BELIEVED_MS, PATIENCE);
    await putProduct(writer, { product_id: 4, name: "Dotterel, old", ...details });
    expect(await found(reader, "dotterel")).toMatchObject([{ version: 2 }]);
  });
});
