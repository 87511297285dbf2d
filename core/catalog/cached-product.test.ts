import { expect, test } from "vitest";
import { parseCachedProduct } from "./cached-product.ts";
import { productFromItem } from "./product.ts";

const product = productFromItem({
  product_id: 42,
  sku: "SKU-42",
  manufacturer: "Northwind",
  category_id: 7,
  weight: 350,
  some_other_id: 1,
  price_cents: 1_999,
  version: 3,
});

test("takes a product, and leaves out fields that only a newer version knows", () => {
  expect(parseCachedProduct(product, 42, 3)).toEqual(product);
  expect(parseCachedProduct({ ...product, colour: "green" }, 42, 3)).toEqual(product);
});

test("takes a product without a price", () => {
  const unpriced = { ...product, price: null };
  expect(parseCachedProduct(unpriced, 42, 3)).toEqual(unpriced);
});

test("takes no price that cents can't hold", () => {
  for (const price of [1.005, 1e300, Number.NaN])
    expect(parseCachedProduct({ ...product, price }, 42, 3), String(price)).toBeUndefined();
});

test("takes no product that is another's, of another version, or not whole", () => {
  expect(parseCachedProduct(product, 43, 3)).toBeUndefined();
  expect(parseCachedProduct({ ...product, id: 43 }, 42, 3)).toBeUndefined();
  expect(parseCachedProduct(product, 42, 4)).toBeUndefined();
  for (const value of [null, 1, "text", [], {}, [product]])
    expect(parseCachedProduct(value, 42, 3)).toBeUndefined();
  for (const field of Object.keys(product)) {
    const { [field as keyof typeof product]: _, ...rest } = product;
    expect(parseCachedProduct(rest, 42, 3), `without ${field}`).toBeUndefined();
    if (field !== "price")
      expect(parseCachedProduct({ ...product, [field]: null }, 42, 3), `${field} null`).toBeUndefined();
    expect(parseCachedProduct({ ...product, [field]: ["x"] }, 42, 3), `${field} list`).toBeUndefined();
  }
});
