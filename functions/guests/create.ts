import { z } from "zod";
import { userIdSchema } from "../../core/cart/user-id.ts";
import { defineRoute } from "../http/route.ts";
import { cartCookie } from "../middleware/cart-cookie.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { RequestError } from "../middleware/request-error.ts";
import { jsonResult } from "../middleware/result.ts";

export const route = defineRoute("POST /guests", {
  summary: "Become a guest, with a cart of one's own",
  description:
    "The token proves the guest for a week, in the header `X-Cart-Token` or by the cookie that browsers are given. " +
    "`user_id` is the guest's in the paths of the cart.",
  tag: "Cart",
  responses: {
    201: {
      description: "The guest",
      schema: z.object({
        user_id: userIdSchema.meta({ example: "guest-AAAAAAAAAAAAAAAAAAAAAA" }),
        cart_token: z.string().meta({ example: "guest-AAAAAAAAAAAAAAAAAAAAAA.t4x2yz.AAAA…" }),
        expires_at: z.iso.datetime().meta({ example: "2026-12-03T14:57:29.000Z" }),
      }),
      headers: { "Set-Cookie": "The token, for browsers" },
    },
  },
  failures: ["FORBIDDEN"],
});

export const handler = endpoint(route, (_input, shop) => {
  const { cartTokens } = shop.access;
  if (!cartTokens) throw new RequestError("FORBIDDEN", { message: "There are no guests in this shop" });
  const { userId, token, expiresAt } = cartTokens.issue();
  const { cartTokenSeconds } = shop.config.access;
  return {
    ...jsonResult(201, {
      user_id: userId,
      cart_token: token,
      expires_at: new Date(expiresAt * 1_000).toISOString(),
    }),
    cookies: [cartCookie(token, cartTokenSeconds)],
  };
});
