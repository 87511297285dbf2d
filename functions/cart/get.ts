import { cartSchema, seeCart } from "../../core/cart/cart.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { userPath } from "../middleware/parameters.ts";
import { jsonResult } from "../middleware/result.ts";

export const route = defineRoute("GET /cart/{userId}", {
  summary: "Read a cart",
  description:
    "At the prices of now. A user without a cart has an empty one. Carts expire after 7 idle days. While storage is " +
    "away, the cart as this process saw it last, marked by `Cache-Status`.",
  tag: "Cart",
  request: { path: userPath },
  responses: {
    200: {
      description: "The cart",
      schema: cartSchema,
      headers: {
        "Cache-Status": "`Stampede; hit; detail=stale-if-error` (RFC 9211) where the cart may be out of date",
      },
    },
  },
});

const STALE = { "cache-status": "Stampede; hit; detail=stale-if-error" };

export const handler = endpoint(route, async ({ path }, shop) => {
  const { cart, isStale } = await seeCart(shop, path.userId);
  return jsonResult(200, cart, isStale ? STALE : {});
});
