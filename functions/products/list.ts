import { z } from "zod";
import { listProducts } from "../../core/catalog/catalog.ts";
import { productSchema } from "../../core/catalog/product.ts";
import { characters } from "../../core/characters.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { cursorParameter, limitParameter, nextCursorSchema } from "../middleware/parameters.ts";
import { jsonResult } from "../middleware/result.ts";

export const route = defineRoute("GET /products", {
  summary: "Browse the catalogue",
  description: "By category in order of product id; without one, everything in no particular order.",
  tag: "Products",
  request: {
    query: z.object({
      category: characters(1, 200).optional().meta({ description: "Exact name of a category" }),
      limit: limitParameter,
      cursor: cursorParameter,
    }),
  },
  responses: {
    200: {
      description: "One page",
      schema: z.object({
        products: z.array(productSchema),
        next_cursor: nextCursorSchema,
      }),
    },
  },
});

export const handler = endpoint(route, async ({ query }, shop) =>
  jsonResult(200, await listProducts(shop, query)),
);
