import { z } from "zod";
import { characters } from "../../core/characters.ts";
import { EXAMPLE_ORDER_ID, getOrder, orderNotFound, orderSchema } from "../../core/order/order.ts";
import { defineRoute } from "../http/route.ts";
import { mayReach } from "../middleware/access.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";

export const route = defineRoute("GET /orders/{orderId}", {
  summary: "Read an order",
  tag: "Orders",
  request: {
    path: z.object({
      orderId: characters(0, 100).meta({ example: EXAMPLE_ORDER_ID }),
    }),
  },
  responses: { 200: { description: "The order", schema: orderSchema } },
  failures: ["ORDER_NOT_FOUND"],
});

/** Only the order itself tells whose it is; somebody else's does not exist for the one who asks. */
export const handler = endpoint(route, async ({ path }, shop) => {
  const order = await getOrder(shop, path.orderId);
  if (!mayReach(shop, order.user_id)) throw orderNotFound(path.orderId);
  return jsonResult(200, order);
});
