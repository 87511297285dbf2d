import middy from "@middy/core";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { DomainError } from "../../core/errors.ts";
import { currentRequest, runInRequestScope } from "../../core/request-scope.ts";
import { type Shop, theShop } from "../../core/shop.ts";
import { type Input, type Route, routeKey } from "../router/route.ts";
import { jsonBody } from "./json-body.ts";
import { observe } from "./observe.ts";
import { publishMetrics } from "./publish-metrics.ts";
import { requestIdOf } from "./request-id.ts";
import type { Result } from "./result.ts";
import { settleCache } from "./settle-cache.ts";
import { validate } from "./validate.ts";

/** A handler as Lambda calls it for an HTTP API (payload format 2.0). */
export type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<Result>;

/** Kept back from the deadline, in milliseconds, so that the answer still arrives in time. */
const TIME_TO_ANSWER = 50;

type Work<R extends Route> = (
  input: Input<R>,
  shop: Shop,
  event: APIGatewayProxyEventV2,
) => Promise<Result> | Result;

/** Builds a route's handler: the same middleware around every endpoint, then the endpoint's own work. */
export const endpoint = <R extends Route>(route: R, work: Work<R>): HttpHandler => {
  const handler = middy<APIGatewayProxyEventV2, Result>({
    timeoutEarlyInMillis: TIME_TO_ANSWER,
    timeoutEarlyResponse: () => {
      throw new DomainError("DEADLINE_EXCEEDED", "The request took too long and was given up", {
        retryAfterSeconds: 1,
      });
    },
  })
    .use(publishMetrics(theShop))
    .use(settleCache(theShop))
    .use(observe(theShop, routeKey(route)));
  if (route.request?.body) handler.use(jsonBody({ optional: route.optionalBody ?? false }));
  handler.handler(async (event, _context, { signal }) => {
    const scope = currentRequest();
    if (scope) scope.signal = signal;
    return work(validate(route, event), theShop(), event);
  });
  return (event, context) =>
    runInRequestScope({ requestId: requestIdOf(event) }, () => handler(event, context) as Promise<Result>);
};
