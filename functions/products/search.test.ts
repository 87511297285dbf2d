import { beforeAll, expect, test } from "vitest";
import { buildSearchIndex } from "../../core/catalog/search-build.ts";
import { stockedProduct } from "../../core/testing/fixtures.ts";
import { startServer } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";

const { url } = startServer();
const shop = testShop();

const get = async (path: string) => {
  const response = await fetch(url + path);
  const body = (await response.json()) as { products: unknown[]; total_found: number };
  return { status: response.status, body };
};
const search = (query: string) => get(`/products/search?q=${encodeURIComponent(query)}`);
const words = (count: number) => Array.from({ length: count }, (_, i) => `w${100 + i}`).join(" ");

beforeAll(async () => {
  for (let i = 0; i < 3; i++) await stockedProduct(shop, 1);
});

test("the products are counted before the index is there, and after", async () => {
  expect((await get("/stats")).body).toMatchObject({ total_products: 3 });
  await buildSearchIndex(shop);
  await stockedProduct(shop, 1);
  expect((await get("/stats")).body).toMatchObject({ total_products: 4 });
});

test("a query of too many words is refused, and the answer names the limit", async () => {
  expect(await search(words(33))).toMatchObject({
    status: 400,
    body: { details: [{ field: "query.q", message: expect.stringContaining("32 different words") }] },
  });
  expect((await search(words(32))).status).toBe(200);
  expect((await search(Array(40).fill("lamp").join(" "))).body.total_found).toBe(0);
});

test.each(["off", "redis", "tiered"] as const)("in mode %s the products are those of now", async (mode) => {
  await shop.products.cache.setMode(mode);
  const { body } = await search("product northwind");
  expect(body).toMatchObject({ total_found: 4, checked_count: 4 });
  expect(body.products).toHaveLength(4);
  await shop.products.cache.setMode("tiered");
});
