import middy from "@middy/core";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { DomainError } from "../../core/errors.ts";
import { runInRequestScope } from "../../core/request-scope.ts";
import { type Shop, theShop } from "../../core/shop.ts";
import { type Input, type Route, routeKey } from "../router/route.ts";
import { jsonBody } from "./json-body.ts";
import { type EndedRequest, observe } from "./observe.ts";
import { onLambda } from "./on-lambda.ts";
import type { Result } from "./result.ts";
import { scopeOf } from "./scope.ts";
import { validate } from "./validate.ts";

/** A handler as Lambda calls it for an HTTP API (payload format 2.0). */
export type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<Result>;

/** Kept back from the deadline, in milliseconds, so that the answer still arrives in time. */
const TIME_TO_ANSWER = 50;

type Work<R extends Route> = (
  input: Input<R>,
  shop: Shop,
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<Result> | Result;

/**
 * An answer that can be given without waiting, or undefined: then the request takes the usual way. It sees the event
 * before it has been validated, and must leave whatever it does not recognize to that.
 */
type AtOnce = (event: APIGatewayProxyEventV2, shop: Shop) => Result | undefined;

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
  // An early answer spares the abort signal, the timer and the asynchronous context of the work.
  if (atOnce) handler.before(({ event }) => atOnce(event, theShop()));
  if (route.request?.body) handler.use(jsonBody({ optional: route.optionalBody ?? false }));
  handler.handler((event, context, { signal }) => {
    const scope = scopeOf(event, context);
    scope.signal = signal;
    return runInRequestScope(scope, () => work(validate(route, event), theShop(), event, context));
  });
  return handler as HttpHandler;
};
