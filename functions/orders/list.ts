import { z } from "zod";
import { userIdSchema } from "../../core/cart/user-id.ts";
import { listOrders, orderSchema } from "../../core/order/order.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { cursorParameter, limitParameter, nextCursorSchema } from "../middleware/parameters.ts";
import { jsonResult } from "../middleware/result.ts";

export const route = defineRoute("GET /orders", {
  summary: "List a user's orders",
  description: "Newest first.",
  tag: "Orders",
  request: {
    query: z.object({
      user_id: userIdSchema,
      limit: limitParameter,
      cursor: cursorParameter,
    }),
  },
  responses: {
    200: {
      description: "One page",
      schema: z.object({
        orders: z.array(orderSchema),
        next_cursor: nextCursorSchema,
      }),
    },
  },
});

export const handler = endpoint(route, async ({ query }, shop) =>
  jsonResult(200, await listOrders(shop, query)),
);
