import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { theShop } from "../../core/open-shop.ts";
import { runInRequestScope } from "../../core/request-scope.ts";
import type { Shop } from "../../core/shop.ts";
import { publishOnLambda } from "./on-lambda.ts";

/** A handler that no HTTP client waits for: of a stream or a schedule. */
export type BackgroundHandler<Event, Outcome> = (event: Event, context: Context) => Promise<Outcome>;

/** Builds a background handler: its log lines carry the invocation's id, its failures are logged and passed on. */
export const background = <Event, Outcome>(
  work: (event: Event, shop: Shop, context: Context) => Promise<Outcome>,
): BackgroundHandler<Event, Outcome> => {
  const handler = middy<Event, Outcome>()
    .use(publishOnLambda(theShop))
    .onError(({ error }) => {
      theShop().log.error("background work failed", error as Error);
    })
    .handler((event, context) => work(event, theShop(), context));
  return (event, context) =>
    runInRequestScope({ requestId: context.awsRequestId }, () => handler(event, context) as Promise<Outcome>);
};
