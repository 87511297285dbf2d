import { getStock, stockSchema } from "../../core/stock/stock.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { productPath } from "../middleware/parameters.ts";
import { jsonResult } from "../middleware/result.ts";

export const route = defineRoute("GET /products/{productId}/stock", {
  summary: "Read a product's stock",
  tag: "Stock",
  request: { path: productPath },
  responses: {
    200: { description: "The counts as of now", schema: stockSchema },
  },
  failures: ["PRODUCT_NOT_FOUND"],
});

export const handler = endpoint(route, async ({ path }, shop) =>
  jsonResult(200, await getStock(shop, path.productId)),
);
