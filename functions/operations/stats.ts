import { z } from "zod";
import { countDeadLetters } from "../../core/order/dead-letters.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import { defineRoute } from "../router/route.ts";

const count = () => z.int().min(0);

export const route = defineRoute({
  method: "GET",
  path: "/stats",
  summary: "What this process knows and has done since it started",
  tag: "Operations",
  responses: {
    200: {
      description: "The numbers",
      schema: z.object({
        total_products: count().meta({
          description: "Products in the search index; grows while it is built",
        }),
        dynamodb_enabled: z.boolean(),
        redis_enabled: z.boolean(),
        orders: z.object({
          placed: count(),
          confirmed: count(),
          declined: count(),
          cancelled: count(),
          fulfilled: count(),
          sold_out: count(),
          payments_unsettled: count(),
        }),
        dead_letters: count().nullable().meta({
          description: "Stream records set aside, by any process",
        }),
        uptime_secs: z.number(),
      }),
    },
  },
});

export const handler = endpoint(route, async (_input, shop) => {
  const { metrics } = shop;
  return jsonResult(200, {
    total_products: shop.search.size,
    dynamodb_enabled: true,
    redis_enabled: shop.products.isRedisUp !== undefined,
    orders: {
      placed: metrics.total("OrdersPlaced"),
      confirmed: metrics.total("OrdersConfirmed"),
      declined: metrics.total("OrdersDeclined"),
      cancelled: metrics.total("OrdersCancelled"),
      fulfilled: metrics.total("OrdersFulfilled"),
      sold_out: metrics.total("OrdersSoldOut"),
      payments_unsettled: metrics.total("PaymentsUnsettled"),
    },
    // Asked for most when storage is down: the other numbers are known all the same.
    dead_letters: await countDeadLetters(shop).catch(() => null),
    uptime_secs: Math.round((shop.now() - shop.startedAt) / 1000),
  });
});
