import middy from "@middy/core";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { DomainError } from "../../core/errors.ts";
import { theShop } from "../../core/open-shop.ts";
import { runInRequestScope } from "../../core/request-scope.ts";
import type { Shop } from "../../core/shop.ts";
import { WorkContext } from "../http/event.ts";
import { type Input, type Route, routeKey } from "../http/route.ts";
import { jsonBody } from "./json-body.ts";
import { type EndedRequest, observe } from "./observe.ts";
import { onLambda } from "./on-lambda.ts";
import type { Result } from "./result.ts";
import { scopeOf } from "./scope.ts";
import { validate } from "./validate.ts";

/**
 * An answer that can be given without waiting, or undefined: then the request takes the usual way. It sees the request
 * before it has been validated, and must leave whatever it does not recognize to that.
 */
export type AtOnce = (
  request: Pick<APIGatewayProxyEventV2, "pathParameters" | "headers">,
  shop: Shop,
) => Result | undefined;

/** A handler as Lambda calls it for an HTTP API (payload format 2.0). */
export interface HttpHandler {
  (event: APIGatewayProxyEventV2, context: Context): Promise<Result>;
  /** The handler tries it first; a server may do so before it makes an event. */
  readonly atOnce?: AtOnce | undefined;
}

/** Kept back from the deadline, in milliseconds, so that the answer still arrives in time. */
const TIME_TO_ANSWER = 50;

type Work<R extends Route> = (
  input: Input<R>,
  shop: Shop,
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<Result> | Result;

/** Builds a route's handler: the same middleware around every endpoint, then the endpoint's own work. */
export const endpoint = <R extends Route>(route: R, work: Work<R>, atOnce?: AtOnce): HttpHandler => {
  const observed = observe(theShop, routeKey(route));
  const lambda = onLambda(theShop);
  const handler = middy<APIGatewayProxyEventV2, Result>({
    timeoutEarlyInMillis: TIME_TO_ANSWER,
    timeoutEarlyResponse: () => {
      throw new DomainError("DEADLINE_EXCEEDED", "The request took too long and was given up", {
        retryAfterSeconds: 1,
      });
    },
    // Called for early answers, too, unlike `after`.
    requestEnd: (ended) => {
      const request = ended as EndedRequest;
      observed.requestEnd(request);
      return lambda(request);
    },
  }).onError((failed) => observed.onError(failed as EndedRequest));
  // The server has tried it before it made the event.
  if (atOnce) {
    handler.before(({ event, context }) =>
      context instanceof WorkContext ? undefined : atOnce(event, theShop()),
    );
  }
  if (route.request?.body) handler.use(jsonBody({ optional: route.optionalBody ?? false }));
  handler.handler((event, context, { signal }) => {
    const scope = scopeOf(event, context);
    scope.signal = signal;
    return runInRequestScope(scope, () => work(validate(route, event), theShop(), event, context));
  });
  return Object.assign(handler as unknown as HttpHandler, { atOnce });
};
