import { getProduct, putProduct } from "../../core/catalog/catalog.ts";
import { productDetailsSchema } from "../../core/catalog/product.ts";
import { defineRoute } from "../http/route.ts";
import { audited } from "../middleware/audit.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { productPath } from "../middleware/parameters.ts";
import { fieldFault } from "../middleware/request-error.ts";
import { emptyResult } from "../middleware/result.ts";

export const route = defineRoute("POST /products/{productId}/details", {
  summary: "Create or update a product",
  description: "Optional fields that are left out keep their value.",
  tag: "Products",
  request: { path: productPath, body: productDetailsSchema },
  responses: { 204: { description: "Created or updated" } },
});

export const handler = endpoint(route, async ({ path, body }, shop) => {
  if (body.product_id !== path.productId) {
    throw fieldFault("body.product_id", "must be the product id of the path");
  }
  const { productId } = path;
  await audited(
    shop,
    { action: "product.put", target: `product ${productId}`, look: () => getProduct(shop, productId) },
    () => putProduct(shop, body),
  );
  return emptyResult(204);
});
