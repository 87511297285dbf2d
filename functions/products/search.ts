import { z } from "zod";
import { productSchema } from "../../core/catalog/product.ts";
import { searchProducts } from "../../core/catalog/search.ts";
import type { Shop } from "../../core/shop.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { limitParameter } from "../middleware/parameters.ts";
import { jsonResult } from "../middleware/result.ts";
import { defineRoute } from "../router/route.ts";

export const route = defineRoute({
  method: "GET",
  path: "/products/search",
  summary: "Search the catalogue",
  description:
    "By SKU, name, brand, category and description, in any case. Every word must match, whole or as the " +
    "beginning of a word; the best matches come first.",
  tag: "Products",
  request: {
    query: z.object({
      q: z.string().trim().min(1).max(200).meta({ description: "Words to look for", example: "oak lamp" }),
      limit: limitParameter,
    }),
  },
  responses: {
    200: {
      description: "The best matches",
      schema: z.object({
        products: z.array(productSchema),
        total_found: z.int().meta({ description: "Matches in the whole catalogue" }),
        search_time: z
          .string()
          .regex(/^\d+\.\d{3}s$/)
          .meta({ example: "0.002s" }),
        checked_count: z.int().meta({ description: "Products the search covered" }),
      }),
    },
  },
  failures: ["SEARCH_NOT_READY"],
});

/**
 * How long a search waits for its index, in milliseconds. A Lambda is frozen between invocations, so that one
 * which did not wait would never be done. A server builds the index at its start, and says meanwhile to come back.
 */
const patienceOf = (shop: Shop): number =>
  process.env.AWS_LAMBDA_FUNCTION_NAME ? shop.config.http.requestDeadline : 0;

export const handler = endpoint(route, async ({ query }, shop) => {
  const startedAt = performance.now();
  const result = await searchProducts(shop, query.q, query.limit, patienceOf(shop));
  const seconds = (performance.now() - startedAt) / 1000;
  return jsonResult(200, { ...result, search_time: `${seconds.toFixed(3)}s` });
});
