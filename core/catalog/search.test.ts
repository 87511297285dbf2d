import fc from "fast-check";
import { expect, test } from "vitest";
import { openTestShop, stockedProduct } from "../testing/fixtures.ts";
import { putProduct } from "./catalog.ts";
import type { ProductDetails } from "./product.ts";
import { buildSearchIndex, isSearchReady, searchProducts } from "./search.ts";
import { openSearchIndex } from "./search-index.ts";

const product = (product_id: number, fields: Partial<ProductDetails> = {}) => ({
  product_id,
  sku: `S-${product_id}`,
  manufacturer: "Kestrel",
  category_id: 1,
  weight: 1,
  some_other_id: 1,
  ...fields,
});

const entry = (product_id: number, name: string, version = 1) => ({
  product_id,
  sku: `S-${product_id}`,
  name,
  manufacturer: "",
  category: "",
  description: "",
  version,
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

test("a match in the name ranks above one in the description", async () => {
  const index = openSearchIndex();
  index.put({ ...entry(1, "Something else"), description: "goes well with a lantern" });
  index.put(entry(2, "Lantern"));
  expect(index.find("lantern", 10)).toEqual({ productIds: [2, 1], total: 2 });
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

test("an older version that comes late does not replace a newer one", () => {
  const index = openSearchIndex();
  index.put(entry(1, "newer", 2));
  index.putAll([entry(1, "older", 1)]);
  expect(index.find("older", 1).total).toBe(0);
  expect(index.find("newer", 1).total).toBe(1);
});

test("before the index is built the answer is to come back, and asking builds it", async () => {
  const shop = openTestShop();
  await stockedProduct(shop, 1);
  await expect(searchProducts(shop, "product", 5)).rejects.toMatchObject({ code: "SEARCH_NOT_READY" });
  await buildSearchIndex(shop);
  expect(isSearchReady(shop)).toBe(true);
  expect((await searchProducts(shop, "product", 5)).total_found).toBeGreaterThan(0);
});

test("no text a person can type breaks the query", () => {
  const index = openSearchIndex();
  index.put(entry(1, 'NEAR "quoted" AND (weird) OR NOT name:* ^col -x'));
  const text = fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ maxLength: 60 }));
  fc.assert(
    fc.property(text, (query) => index.find(query, 5).total >= 0),
    { numRuns: 2_000 },
  );
  for (const query of ['"', "*", "name:x", "a AND", "NOT", "(", "near(", "-", "ก็", "שָׁ", "ﬀ", "𝒳"])
    index.find(query, 5);
  expect(index.find("quoted weird", 5).productIds).toEqual([1]);
});

test("a query that matches nearly everything gives the matches in names first", () => {
  const index = openSearchIndex();
  const products = Array.from({ length: 4_000 }, (_, i) => entry(i + 1, `thing ${i}`));
  index.putAll(products.map((one) => ({ ...one, description: "from our range" })));
  index.put(entry(5_000, "Range cooker"));
  expect(index.find("range", 3)).toEqual({ productIds: [5_000, 1, 2], total: 4_001 });
  expect(index.find("thing range", 2)).toEqual({ productIds: [1, 2], total: 4_000 });
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
