import { cartSchema, getCart } from "../../core/cart/cart.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { userPath } from "../middleware/parameters.ts";
import { jsonResult } from "../middleware/result.ts";

export const route = defineRoute("GET /cart/{userId}", {
  summary: "Read a cart",
  description:
    "At the prices of now. A user without a cart has an empty one. Carts expire after 7 idle days.",
  tag: "Cart",
  request: { path: userPath },
  responses: { 200: { description: "The cart", schema: cartSchema } },
});

export const handler = endpoint(route, async ({ path }, shop) =>
  jsonResult(200, await getCart(shop, path.userId)),
);
