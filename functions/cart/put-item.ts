import { z } from "zod";
import { removeCartLine, setCartLine } from "../../core/cart/cart.ts";
import { MAX_LINE_QUANTITY } from "../../core/cart/cart-item.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { cartLinePath } from "../middleware/parameters.ts";
import { changedCart, changedCartResult } from "./cart-result.ts";

export const route = defineRoute("PUT /cart/{userId}/items/{productId}", {
  summary: "Set the quantity of a product in a cart",
  description: "0 removes it.",
  tag: "Cart",
  request: {
    path: cartLinePath,
    body: z
      .strictObject({
        quantity: z.int().min(0).max(MAX_LINE_QUANTITY).meta({ example: 3 }),
      })
      .meta({ id: "LineQuantity" }),
  },
  responses: {
    200: changedCart,
  },
  failures: ["CART_ITEM_NOT_FOUND"],
});

export const handler = endpoint(route, async ({ path, body: { quantity } }, shop) => {
  const change =
    quantity === 0
      ? await removeCartLine(shop, path.userId, path.productId)
      : await setCartLine(shop, path.userId, {
          product_id: path.productId,
          quantity,
        });
  return changedCartResult(change);
});
