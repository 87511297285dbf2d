import { removeCartLine } from "../../core/cart/cart.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { cartLinePath } from "../middleware/parameters.ts";
import { changedCart, changedCartResult } from "./cart-result.ts";

export const route = defineRoute("DELETE /cart/{userId}/items/{productId}", {
  summary: "Remove a product from a cart",
  tag: "Cart",
  request: { path: cartLinePath },
  responses: {
    200: changedCart,
  },
  failures: ["CART_ITEM_NOT_FOUND"],
});

export const handler = endpoint(route, async ({ path }, shop) =>
  changedCartResult(await removeCartLine(shop, path.userId, path.productId)),
);
