import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { runInRequestScope } from "../../core/request-scope.ts";
import type { Shop } from "../../core/shop.ts";
import { lambdaShop } from "./lambda-shop.ts";
import { publish } from "./on-lambda.ts";

/** A handler that no HTTP client waits for: of a stream or a schedule. */
export type BackgroundHandler<Event, Outcome> = (event: Event, context: Context) => Promise<Outcome>;

/**
 * The function that Lambda calls, on a shop that the first call opens. `withShop` makes the same handler for
 * a shop that is open.
 */
export interface BackgroundEntry<Event, Outcome> extends BackgroundHandler<Event, Outcome> {
  readonly withShop: (shop: Shop) => BackgroundHandler<Event, Outcome>;
}

/** Builds a background handler: its log lines carry the invocation's id, its failures are logged and passed on. */
export const background = <Event, Outcome>(
  work: (event: Event, shop: Shop, context: Context) => Promise<Outcome>,
): BackgroundEntry<Event, Outcome> => {
  const withShop = (shop: Shop): BackgroundHandler<Event, Outcome> => {
    const handler = middy<Event, Outcome>()
      .onError(({ error }) => {
        shop.log.error("background work failed", error as Error);
      })
      .handler((event, context) => work(event, shop, context));
    return (event, context) =>
      runInRequestScope(
        { requestId: context.awsRequestId },
        () => handler(event, context) as Promise<Outcome>,
      );
  };

  let opened: BackgroundHandler<Event, Outcome> | undefined;
  const onLambda = async (event: Event, context: Context): Promise<Outcome> => {
    opened ??= withShop(lambdaShop());
    await lambdaShop().tracing?.ready;
    try {
      return await opened(event, context);
    } finally {
      publish(lambdaShop());
      // Frozen, a function sends nothing.
      await lambdaShop().tracing?.flush();
    }
  };
  return Object.assign(onLambda, { withShop });
};
