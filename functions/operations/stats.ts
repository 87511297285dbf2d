import { z } from "zod";
import { estimateProducts } from "../../core/catalog/estimate-products.ts";
import { indexedCount } from "../../core/catalog/search.ts";
import { countOverdue } from "../../core/order/backlog.ts";
import { countDeadLetters } from "../../core/order/dead-letters.ts";
import { remembered } from "../../core/remembered.ts";
import type { Shop } from "../../core/shop.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";

const count = () => z.int().min(0);

export const route = defineRoute("GET /stats", {
  summary: "State and counters of this process since it started",
  tag: "Operations",
  responses: {
    200: {
      description: "The numbers",
      schema: z.object({
        total_products: count().nullable().meta({
          description:
            "Products in the catalogue: exact in a server; DynamoDB's count of the last hours in a Lambda function",
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
        unfulfilled_orders: count().nullable().meta({
          description:
            "Paid orders that are not fulfilled though it is time, of any process, as of a few seconds ago",
        }),
        dead_letters: count().nullable().meta({
          description: "Orders and stream records set aside, by any process, as of a few seconds ago",
        }),
        dynamodb_limits: z
          .looseObject({})
          .nullable()
          .optional()
          .meta({
            description:
              "Where DYNAMODB_LIMITS is set: units, throttles and conflicts by table and index, the hottest keys and " +
              "the bill, of all processes",
          }),
        uptime_secs: z.number(),
      }),
    },
  },
});

/** How long a count that costs a call to storage is given again, in milliseconds. */
const COUNTED_FOR_MS = 5_000;

const LIMITS_TIMEOUT_MS = 500;

const countsOf = (shop: Shop) => ({
  products: remembered(COUNTED_FOR_MS, () => estimateProducts(shop)),
  overdueOrders: remembered(COUNTED_FOR_MS, () => countOverdue(shop)),
  deadLetters: remembered(COUNTED_FOR_MS, () => countDeadLetters(shop)),
});
/** The limits layer's counters; null when it does not answer. */
const limitsOf = async ({ config: { dynamodb } }: Shop): Promise<{ dynamodb_limits?: object | null }> => {
  if (dynamodb.limits.rules.length === 0 || !dynamodb.endpoint) return {};
  const report = fetch(new URL("/limits", dynamodb.endpoint), {
    signal: AbortSignal.timeout(LIMITS_TIMEOUT_MS),
  });
  return { dynamodb_limits: await report.then((answer) => answer.json() as object).catch(() => null) };
};

const counts = new WeakMap<Shop, ReturnType<typeof countsOf>>();

export const handler = endpoint(route, async (_input, shop) => {
  const { metrics } = shop;
  let counted = counts.get(shop);
  if (!counted) counts.set(shop, (counted = countsOf(shop)));
  // Looked at most when storage is down: the other numbers are known all the same.
  return jsonResult(200, {
    total_products: indexedCount(shop) ?? (await counted.products().catch(() => null)),
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
    unfulfilled_orders: await counted.overdueOrders().catch(() => null),
    dead_letters: await counted.deadLetters().catch(() => null),
    ...(await limitsOf(shop)),
    uptime_secs: Math.round((shop.now() - shop.startedAt) / 1000),
  });
});
