import { z } from "zod";
import { compareTiers } from "../../core/catalog/compare.ts";
import { productIdSchema, productSchema } from "../../core/catalog/product.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { inMilliseconds, latencySchema } from "../middleware/latency.ts";
import { productPath } from "../middleware/parameters.ts";
import { jsonResult } from "../middleware/result.ts";

export const route = defineRoute("GET /products/{productId}/compare", {
  summary: "Compare the tiers a product can be read from",
  description: "One read from each, measured on this request.",
  tag: "Products",
  request: { path: productPath },
  responses: {
    200: {
      description: "Time that each read took",
      schema: z.object({
        product_id: productIdSchema,
        product: productSchema,
        redis_latency: latencySchema.meta({
          description: "Of the second tier, which is Redis where there is one",
        }),
        dynamodb_latency: latencySchema,
        memory_latency: latencySchema,
        cache_hit: z.boolean().meta({ description: "Whether it was cached before this request" }),
        speedup_factor: z
          .number()
          .meta({ description: "DynamoDB's time by the second tier's", example: 3.4 }),
      }),
    },
  },
  failures: ["PRODUCT_NOT_FOUND", "CACHE_UNAVAILABLE"],
});

export const handler = endpoint(route, async ({ path }, shop) => {
  const { product, wasCached, memoryMs, secondMs, databaseMs } = await compareTiers(shop, path.productId);
  return jsonResult(200, {
    product_id: path.productId,
    product,
    redis_latency: inMilliseconds(secondMs),
    dynamodb_latency: inMilliseconds(databaseMs),
    memory_latency: inMilliseconds(memoryMs),
    cache_hit: wasCached,
    speedup_factor: Math.round((databaseMs / secondMs) * 100) / 100,
  });
});
