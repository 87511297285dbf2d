import { z } from "zod";
import { characters } from "../../core/characters.ts";
import { EXAMPLE_ORDER_ID, getOrder, orderSchema } from "../../core/order/order.ts";
import { defineRoute } from "../http/route.ts";
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

export const handler = endpoint(route, async ({ path }, shop) =>
  jsonResult(200, await getOrder(shop, path.orderId)),
);
