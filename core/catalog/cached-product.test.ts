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

test("takes no product that is another's, of another version, or not whole", () => {
  expect(parseCachedProduct(product, 43, 3)).toBeUndefined();
  expect(parseCachedProduct({ ...product, id: 43 }, 42, 3)).toBeUndefined();
  expect(parseCachedProduct(product, 42, 4)).toBeUndefined();
  for (const value of [null, 1, "text", [], {}, [product]])
    expect(parseCachedProduct(value, 42, 3)).toBeUndefined();
  for (const field of Object.keys(product)) {
    const { [field as keyof typeof product]: _, ...rest } = product;
    expect(parseCachedProduct(rest, 42, 3), `without ${field}`).toBeUndefined();
    expect(parseCachedProduct({ ...product, [field]: null }, 42, 3), `${field} null`).toBeUndefined();
    expect(parseCachedProduct({ ...product, [field]: ["x"] }, 42, 3), `${field} list`).toBeUndefined();
  }
});
