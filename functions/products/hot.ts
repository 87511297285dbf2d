import { z } from "zod";
import { listHotProducts } from "../../core/catalog/hot-products.ts";
import { productSchema } from "../../core/catalog/product.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { inMilliseconds, latencySchema } from "../middleware/latency.ts";
import { jsonResult } from "../middleware/result.ts";

const hotSchema = z.object({
  pinned: z.boolean().meta({ description: "Declared hot; otherwise detected by this process" }),
  reads: z
    .int()
    .min(0)
    .meta({ description: "Reads this process counted lately, an estimate", example: 1200 }),
});

export const route = defineRoute("GET /products/hot", {
  summary: "List the hot products",
  description: "Those that were pinned, then those that are read most at the moment.",
  tag: "Products",
  responses: {
    200: {
      description: "The hot products",
      schema: z.object({
        hot_products: z.array(
          z.object({ ...productSchema.shape, hot: hotSchema }).meta({ id: "HotProduct" }),
        ),
        count: z.int().min(0),
        latency: latencySchema,
        source: z.enum(["redis", "process"]).meta({ description: "Where the pins are kept" }),
      }),
    },
  },
  failures: ["CACHE_UNAVAILABLE"],
});

export const handler = endpoint(route, async (_input, shop) => {
  const startedAt = performance.now();
  const products = await listHotProducts(shop);
  return jsonResult(200, {
    hot_products: products,
    count: products.length,
    latency: inMilliseconds(performance.now() - startedAt),
    source: shop.products.cache.l2.name,
  });
});
