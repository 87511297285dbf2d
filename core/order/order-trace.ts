import type { Shop } from "../shop.ts";
import { spanning } from "../tracing/span.ts";
import { parseTraceparent } from "../tracing/trace-context.ts";
import type { OrderItem } from "./order.ts";

/** Goes on with the trace in which an order was placed, if that one is kept. */
export const inOrderTrace = <T>(
  shop: Shop,
  name: string,
  { order_id, traceparent }: Pick<OrderItem, "order_id" | "traceparent">,
  work: () => Promise<T>,
): Promise<T> => {
  const parent = shop.tracing && parseTraceparent(traceparent);
  const span =
    parent?.isSampled &&
    shop.tracing?.begin(name, "consumer", parent, performance.now(), { "stampede.order_id": order_id });
  return span ? spanning(span, work) : work();
};
