import { z } from "zod";
import { productSchema } from "../../core/catalog/product.ts";
import { searchProducts } from "../../core/catalog/search.ts";
import { queryWords } from "../../core/catalog/search-text.ts";
import { characters } from "../../core/characters.ts";
import { isLambda } from "../../core/config/runtime.ts";
import type { Shop } from "../../core/shop.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { limitParameter } from "../middleware/parameters.ts";
import { jsonResult } from "../middleware/result.ts";

/** Each word costs a look at all products that have it, up to 2 ms for 100,000. */
const MAX_WORDS = 32;

export const route = defineRoute("GET /products/search", {
  summary: "Search the catalogue",
  description:
    "By SKU, name, brand, category and description, in any case and spelling, accents aside. Every word must " +
    "match, whole or as the beginning of a word; Chinese, Japanese, Korean and Thai text matches in any part. " +
    "Whole words come before beginnings, and matches in names before others.",
  tag: "Products",
  request: {
    query: z.object({
      q: characters(1, 200)
        .regex(/\S/, "must not be blank")
        .refine(
          (query) => queryWords(query).length <= MAX_WORDS,
          `must hold at most ${MAX_WORDS} different words`,
        )
        .meta({ description: `Up to ${MAX_WORDS} different words to look for`, example: "oak lamp" }),
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

/** How long a search waits for the index of a server that is not healthy yet, in milliseconds. */
const PATIENCE_MS = 500;

/**
 * How long a search waits for its index, in milliseconds. A Lambda function is frozen between invocations: if it
 * did not wait, the index would never be built.
 */
const patienceOf = (shop: Shop): number => (isLambda() ? shop.config.http.requestDeadline : PATIENCE_MS);

export const handler = endpoint(route, async ({ query }, shop) => {
  const startedAt = performance.now();
  const result = await searchProducts(shop, query.q, query.limit, patienceOf(shop));
  const seconds = (performance.now() - startedAt) / 1000;
  return jsonResult(200, { ...result, search_time: `${seconds.toFixed(3)}s` });
});
