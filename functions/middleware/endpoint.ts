import middy from "@middy/core";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { DomainError } from "../../core/errors.ts";
import { runInRequestScope } from "../../core/request-scope.ts";
import type { Shop } from "../../core/shop.ts";
import type { Input, Route } from "../http/route.ts";
import { access, answerHeadersOf } from "./access.ts";
import { errorResult } from "./error-result.ts";
import { jsonBody } from "./json-body.ts";
import { lambdaShop } from "./lambda-shop.ts";
import { type EndedRequest, openRouteRecorder } from "./observe.ts";
import { finishInvocation } from "./on-lambda.ts";
import { requestChecks } from "./request-checks.ts";
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

/** A handler on a shop. Takes what Lambda would give it for an HTTP API (payload format 2.0). */
export interface HttpHandler {
  (event: APIGatewayProxyEventV2, context: Context): Promise<Result>;
  /** Tried by the server before it makes an event, and then not again. */
  readonly atOnce?: ((request: Parameters<AtOnce>[0]) => Result | undefined) | undefined;
}

/**
 * The function that Lambda calls, on a shop that the first call opens. `withShop` makes the same handler for
 * a shop that is open.
 */
export interface HttpEntry {
  (event: APIGatewayProxyEventV2, context: Context): Promise<Result>;
  readonly withShop: (shop: Shop) => HttpHandler;
}

/** Kept back from the deadline, in milliseconds, so that the answer still arrives in time. */
const TIME_TO_ANSWER = 50;

type Work<R extends Route> = (
  input: Input<R>,
  shop: Shop,
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<Result> | Result;

type Middy = ReturnType<typeof middy<APIGatewayProxyEventV2, Result>>;

/** Builds a route's handler: the same middleware around every endpoint, then the endpoint's own work. */
export const endpoint = <R extends Route>(route: R, work: Work<R>, atOnce?: AtOnce): HttpEntry => {
  /** @param isOnLambda there no server checks the request before, and none sends the answer after */
  const chainOn = (shop: Shop, isOnLambda = false): Middy => {
    const record = openRouteRecorder(shop, route.key);
    const chain = middy<APIGatewayProxyEventV2, Result>({
      timeoutEarlyInMillis: TIME_TO_ANSWER,
      timeoutEarlyResponse: () => {
        throw new DomainError("DEADLINE_EXCEEDED", "The request took too long and was given up", {
          retryAfterSeconds: 1,
        });
      },
      // Called for early answers, too, unlike `after`.
      requestEnd: (ended) => {
        const request = ended as EndedRequest;
        const { event, context, response, error } = request;
        record(scopeOf(event, context), response?.statusCode ?? 500, error ?? undefined);
        return isOnLambda ? finishInvocation(shop, request) : undefined;
      },
    }).onError((request) => {
      const { requestId } = scopeOf(request.event, request.context);
      request.response = errorResult(request.error, requestId, answerHeadersOf(request));
    });
    if (isOnLambda) chain.use(requestChecks(shop));
    if (!shop.access.isOpen || shop.rateLimiter) chain.use(access(shop, route));
    if (route.request?.body) chain.use(jsonBody({ optional: route.optionalBody ?? false }));
    return chain.handler((event, context, { signal }) => {
      const scope = scopeOf(event, context);
      scope.signal = signal;
      return runInRequestScope(scope, () => work(validate(route, event), shop, event, context));
    });
  };

  const withShop = (shop: Shop): HttpHandler =>
    Object.assign(chainOn(shop) as unknown as HttpHandler, {
      atOnce: atOnce && ((request: Parameters<AtOnce>[0]) => atOnce(request, shop)),
    });

  let opened: HttpHandler | undefined;
  const openOnLambda = (): HttpHandler => {
    const shop = lambdaShop();
    const chain = chainOn(shop, true);
    if (atOnce) chain.before(({ event }) => atOnce(event, shop));
    return chain as unknown as HttpHandler;
  };
  const onLambda = (event: APIGatewayProxyEventV2, context: Context): Promise<Result> => {
    opened ??= openOnLambda();
    return opened(event, context);
  };
  return Object.assign(onLambda, { withShop });
};
