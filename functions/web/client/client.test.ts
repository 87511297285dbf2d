import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer } from "../../testing/http.ts";
import { shopClient } from "./client.ts";
import { currentDocument, shapeHash } from "./shape.ts";

test("the types are those of the present document: npm run client:generate", () => {
  const types = readFileSync(join(import.meta.dirname, "openapi.ts"), "utf8");
  expect(types.slice(0, types.indexOf("\n"))).toContain(shapeHash(currentDocument()));
});

test("the shape leaves prose aside, and nothing else", () => {
  const one = { properties: { description: { type: "string", description: "Of a product" } } };
  const reworded = { properties: { description: { type: "string", description: "Another word" } } };
  const retyped = { properties: { description: { type: "number", description: "Of a product" } } };
  expect(shapeHash(reworded)).toBe(shapeHash(one));
  expect(shapeHash(retyped)).not.toBe(shapeHash(one));
  expect(shapeHash({ properties: {} })).not.toBe(shapeHash(one));
});

test("it gives answers and failures as values", async () => {
  const { url } = startServer();
  const shop = shopClient({ baseUrl: url });
  const { data } = await shop.GET("/cart/{userId}", { params: { path: { userId: "alice" } } });
  expect(data?.items).toEqual([]);
  const { error, response } = await shop.GET("/products/{productId}", {
    params: { path: { productId: 123_456_789 } },
  });
  expect([response.status, error?.error]).toEqual([404, "PRODUCT_NOT_FOUND"]);
});
