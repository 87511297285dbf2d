import { z } from "zod";
import { cartSchema } from "../../core/cart/cart.ts";
import { mergeCarts } from "../../core/cart/merge.ts";
import { defineRoute } from "../http/route.ts";
import { cartCookie, cartTokenIn } from "../middleware/cart-cookie.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { userPath } from "../middleware/parameters.ts";
import { fieldFault } from "../middleware/request-error.ts";
import { jsonResult } from "../middleware/result.ts";

export const route = defineRoute("POST /cart/{userId}/merge", {
  summary: "Move a guest's cart into a user's",
  description:
    "For a guest who signs in: the user's credentials and the guest's cart token come together. Quantities add up within the " +
    "cart's limits. Once moved, the guest's cart is empty, so that a repeated request changes nothing.",
  tag: "Cart",
  request: {
    path: userPath,
    headers: z.object({
      "x-cart-token": z
        .string()
        .max(200)
        .optional()
        .meta({ description: "Left out where the cookie has it" }),
    }),
  },
  responses: {
    200: {
      description: "The user's cart",
      schema: cartSchema,
      headers: { "Set-Cookie": "Has browsers forget the guest's token" },
    },
  },
  failures: ["STORAGE_CONFLICT"],
});

export const handler = endpoint(route, async ({ path, headers }, shop, { cookies }) => {
  const token = headers["x-cart-token"] ?? cartTokenIn(cookies);
  const guest = token && shop.access.cartTokens?.read(token);
  if (!guest) throw fieldFault("headers.x-cart-token", "must be a guest's token");
  const cart = await mergeCarts(shop, guest.subject, path.userId);
  return { ...jsonResult(200, cart), cookies: [cartCookie("", 0)] };
});
