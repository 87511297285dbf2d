import { z } from "zod";
import { readProduct } from "../../core/catalog/catalog.ts";
import { productSchema } from "../../core/catalog/product.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { productPath } from "../middleware/parameters.ts";
import { emptyResult, jsonResult } from "../middleware/result.ts";
import { defineRoute } from "../router/route.ts";
import { cacheHeaders } from "./cache-status.ts";
import { etagMatches, etagOf } from "./etag.ts";

export const route = defineRoute({
  method: "GET",
  path: "/products/{productId}",
  summary: "Read a product",
  tag: "Products",
  request: {
    path: productPath,
    headers: z.object({ "if-none-match": z.string().optional() }),
  },
  responses: {
    200: {
      description: "The product",
      schema: productSchema,
      headers: {
        ETag: "Changes with every write",
        "Cache-Status": "Which tier answered (RFC 9211)",
        "X-Cache": "HIT or MISS, for older clients",
      },
    },
    304: {
      description: "The product is still the one that If-None-Match names",
    },
  },
  failures: ["PRODUCT_NOT_FOUND"],
});

export const handler = endpoint(route, async ({ path, headers }, shop) => {
  const { product, reading } = await readProduct(shop, path.productId);
  const etag = etagOf(product);
  const answerHeaders = {
    etag,
    "cache-control": "no-cache",
    ...cacheHeaders(reading, shop.products.cache.mode(), shop.now()),
  };
  return etagMatches(headers["if-none-match"], etag)
    ? emptyResult(304, answerHeaders)
    : jsonResult(200, product, answerHeaders);
});
