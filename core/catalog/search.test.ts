import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openTestShop, stockedProduct } from "../testing/fixtures.ts";
import { putProduct } from "./catalog.ts";
import type { ProductDetails } from "./product.ts";
import { isSearchReady, searchProducts } from "./search.ts";
import { buildSearchIndex, closeSearch, keepBuildingSearchIndex } from "./search-build.ts";

const product = (product_id: number, fields: Partial<ProductDetails> = {}) => ({
  product_id,
  sku: `S-${product_id}`,
  manufacturer: "Kestrel",
  category_id: 1,
  weight: 1,
  some_other_id: 1,
  ...fields,
});

test("finds by name, brand, category and description, in any case, by prefix, accents aside", async () => {
  const shop = openTestShop();
  await putProduct(shop, product(1, { name: "Café table" }));
  await putProduct(shop, product(2, { manufacturer: "Ostrava Works" }));
  await putProduct(shop, product(3, { category: "Garden" }));
  await putProduct(shop, product(4, { description: "Made for late readers" }));
  await buildSearchIndex(shop);
  const ids = async (query: string) =>
    (await searchProducts(shop, query, 20)).products.map(({ product_id }) => product_id);
  expect(await ids("CAFE")).toEqual([1]);
  expect(await ids("tab caf")).toEqual([1]);
  expect(await ids("ostr")).toEqual([2]);
  expect(await ids("garden")).toEqual([3]);
  expect(await ids("late reader")).toEqual([4]);
  expect(await ids("late café")).toEqual([]);
});

test("product writes change what is found at once", async () => {
  const shop = openTestShop();
  await buildSearchIndex(shop);
  await putProduct(shop, product(10, { name: "Zither" }));
  expect((await searchProducts(shop, "zither", 5)).total_found).toBe(1);
  await putProduct(shop, product(10, { name: "Dulcimer" }));
  expect((await searchProducts(shop, "zither", 5)).total_found).toBe(0);
  expect((await searchProducts(shop, "dulcimer", 5)).products).toMatchObject([
    { name: "Dulcimer", version: 2 },
  ]);
});

test("before the index is built the answer is to come back, and asking builds it", async () => {
  const shop = openTestShop();
  await stockedProduct(shop, 1);
  await expect(searchProducts(shop, "product", 5)).rejects.toMatchObject({ code: "SEARCH_NOT_READY" });
  await buildSearchIndex(shop);
  expect(isSearchReady(shop)).toBe(true);
  expect((await searchProducts(shop, "product", 5)).total_found).toBeGreaterThan(0);
});

test("an SKU or its beginning finds its product first, in any case, and words go on finding theirs", async () => {
  const shop = openTestShop();
  await putProduct(shop, product(21, { sku: "LAMP-7/b", name: "Reading light" }));
  await putProduct(shop, product(22, { sku: "LAMP-71", name: "Lamp 7 of 9" }));
  await putProduct(shop, product(23, { sku: "CHAIR-1", name: "Chair for a lamp-71" }));
  await putProduct(shop, product(24, { sku: "grüße-1", name: "Card" }));
  await buildSearchIndex(shop);
  const found = async (query: string) => {
    const { products, total_found } = await searchProducts(shop, query, 20);
    expect(total_found).toBe(products.length);
    return products.map(({ product_id }) => product_id);
  };
  expect(await found("LAMP-7/b")).toEqual([21]);
  expect(await found(" lamp-71 ")).toEqual([22, 23]);
  expect(await found("lamp-7")).toEqual([21, 22, 23]);
  expect(await found("grüße-")).toEqual([24]);
  expect(await found("lamp 7")).toEqual([22, 23]);
  expect(await found("la")).not.toContain(21); // Too short for an SKU.
  await putProduct(shop, product(21, { sku: "NEW-1" }));
  expect(await found("LAMP-7/")).not.toContain(21);
  expect(await found("new-1")).toEqual([21]);
});

test("closing a search that is being built ends it without a complaint", async () => {
  const shop = openTestShop();
  await stockedProduct(shop, 1);
  const complain = vi.spyOn(shop.log, "error");
  const building = keepBuildingSearchIndex(shop);
  await vi.waitUntil(() => shop.search.index, { timeout: 10_000, interval: 1 });
  await closeSearch(shop);
  await building;
  expect(isSearchReady(shop)).toBe(false);
  expect(complain).not.toHaveBeenCalled();
});

test("a server whose first attempt fails builds the index at a later one", async () => {
  const shop = openTestShop();
  await stockedProduct(shop, 1);
  vi.spyOn(shop.db, "send").mockRejectedValueOnce(new Error("storage is away"));
  await keepBuildingSearchIndex(shop);
  expect(isSearchReady(shop)).toBe(true);
});

test("a table that throttles its readers is read to the end all the same, in the same attempt", async () => {
  const shop = openTestShop();
  const id = await stockedProduct(shop, 1);
  const complain = vi.spyOn(shop.log, "error");
  const expiresAt = shop.now() + 600_000;
  shop.resilience.faults.set("dynamodb", { failureRate: 1, latencyMs: 0, kind: "throttle", expiresAt });
  const building = buildSearchIndex(shop);
  const calls = () => shop.metrics.total("DynamoDBCalls", (operation) => operation === "Scan");
  // More than the attempts of one call.
  await vi.waitFor(() => expect(calls()).toBeGreaterThan(shop.config.dynamodb.maxAttempts), 30_000);
  shop.resilience.faults.set("dynamodb", undefined);
  await building;
  expect((await searchProducts(shop, `Product ${id}`, 5)).total_found).toBe(1);
  expect(complain).not.toHaveBeenCalled();
});

test("SQLite is loaded by the first search alone: Node 20 has none", () => {
  const core = join(import.meta.dirname, "..");
  const loading = readdirSync(core, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .filter((file) => /^import (?!type ).*node:sqlite/m.test(readFileSync(join(core, file), "utf8")));
  expect(loading).toEqual([]);
});
