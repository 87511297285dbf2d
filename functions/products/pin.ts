import { z } from "zod";
import { pinProduct } from "../../core/catalog/hot-products.ts";
import { MAX_PINS, PIN_MS } from "../../core/catalog/pins.ts";
import { productIdSchema } from "../../core/catalog/product.ts";
import { defineRoute } from "../http/route.ts";
import { audited } from "../middleware/audit.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { productPath } from "../middleware/parameters.ts";
import { jsonResult } from "../middleware/result.ts";

export const route = defineRoute("POST /products/{productId}/hot", {
  summary: "Declare a product hot",
  description: `Every process loads it into memory, keeps it for longer and refreshes it before it expires. At most ${MAX_PINS} products are pinned at a time.`,
  tag: "Products",
  request: { path: productPath },
  responses: {
    200: {
      description: "Pinned",
      schema: z.object({
        message: z.string().meta({ example: "Product 42 is hot now" }),
        product_id: productIdSchema,
        ttl: z.int().meta({ description: "Seconds the pin lasts", example: 3600 }),
        cached_in: z.enum(["redis", "process"]).meta({ description: "Where the pin is kept" }),
      }),
    },
  },
  failures: ["PRODUCT_NOT_FOUND", "TOO_MANY_PINS", "CACHE_UNAVAILABLE"],
});

export const handler = endpoint(route, async ({ path }, shop) => {
  const { productId } = path;
  await audited(
    shop,
    {
      action: "product.pin",
      target: `product ${productId}`,
      look: () => ({ is_pinned: shop.products.pins.isPinned(productId) }),
    },
    () => pinProduct(shop, productId),
  );
  return jsonResult(200, {
    message: `Product ${path.productId} is hot now`,
    product_id: path.productId,
    ttl: PIN_MS / 1000,
    cached_in: shop.products.cache.l2.name,
  });
});
