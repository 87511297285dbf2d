import { getStock, setStock, stockLevelSchema, stockSchema } from "../../core/stock/stock.ts";
import { defineRoute } from "../http/route.ts";
import { audited } from "../middleware/audit.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { productPath } from "../middleware/parameters.ts";
import { jsonResult } from "../middleware/result.ts";

export const route = defineRoute("PUT /products/{productId}/stock", {
  summary: "Set what is available of a product",
  description:
    "Pieces reserved or sold stay counted as they are. A product that very many buy at once can have its stock split " +
    "over several counters (`shards`), which are written independently of one another.",
  tag: "Stock",
  request: { path: productPath, body: stockLevelSchema },
  responses: {
    200: { description: "The counts after the change", schema: stockSchema },
  },
  failures: ["PRODUCT_NOT_FOUND"],
});

export const handler = endpoint(route, async ({ path, body }, shop) =>
  jsonResult(
    200,
    await audited(
      shop,
      {
        action: "stock.set",
        target: `product ${path.productId}`,
        look: () => getStock(shop, path.productId),
      },
      () => setStock(shop, path.productId, body),
    ),
  ),
);
