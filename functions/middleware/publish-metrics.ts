import type { MiddlewareObj } from "@middy/core";
import type { Shop } from "../../core/shop.ts";

/**
 * Publishes the metrics at the end of an invocation where nothing else would: a Lambda is frozen between
 * invocations, so no timer runs there. Elsewhere the process publishes on its own timer.
 */
export const publishMetrics = (shop: () => Shop): Required<Pick<MiddlewareObj, "after" | "onError">> => {
  const publish = (): void => {
    if (process.env.AWS_LAMBDA_FUNCTION_NAME) shop().metrics.publish();
  };
  return { after: publish, onError: publish };
};
