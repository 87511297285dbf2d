import { z } from "zod";
import { addToCart, quantitySchema } from "../../core/cart/cart.ts";
import { productIdSchema } from "../../core/catalog/product.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { userPath } from "../middleware/parameters.ts";
import { changedCart, changedCartResult } from "./cart-result.ts";

export const route = defineRoute("POST /cart/{userId}/items", {
  summary: "Add a product to a cart",
  description: "Quantities add up; concurrent additions all count.",
  tag: "Cart",
  request: {
    path: userPath,
    body: z.strictObject({ product_id: productIdSchema, quantity: quantitySchema }).meta({ id: "NewLine" }),
  },
  responses: {
    200: changedCart,
  },
  failures: ["PRODUCT_NOT_FOUND", "NOT_FOR_SALE", "CART_LIMIT_EXCEEDED"],
});

export const handler = endpoint(route, async ({ path, body }, shop) =>
  changedCartResult(await addToCart(shop, path.userId, body)),
);
