import type { MiddlewareObj, Request } from "@middy/core";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { type Identity, NOBODY, owns, shortfall } from "../../core/access/identity.ts";
import { currentRequest } from "../../core/request-scope.ts";
import type { Shop } from "../../core/shop.ts";
import type { Route } from "../http/route.ts";
import type { RouteEntry } from "../routes.ts";
import { type Credentials, openIdentify, unauthenticated } from "./credentials.ts";
import { type Addressed, openRateLimits } from "./rate-limits.ts";
import { RequestError } from "./request-error.ts";
import type { Headers, Result } from "./result.ts";
import { scopeOf } from "./scope.ts";

/** The part of a route that decides about a request. */
type Ruled = Pick<RouteEntry, "key" | "role" | "priority">;

/** A request that may go on to its route. */
export interface Admitted {
  readonly identity: Identity;
  /** For its answer. */
  readonly headers?: Headers | undefined;
}

/**
 * Decides whether a request may go on to its route, before any work is done for it.
 *
 * @param route the matched one, never judged by the path's text; undefined where none matched
 * @throws RequestError 401, 403, 429, or 503 while no token can be verified
 */
export type Guard = (
  request: Credentials & Addressed,
  route: Ruled | undefined,
) => Admitted | Promise<Admitted>;

/** Load balancers ask for it without credentials, and as often as they like. */
const PROBE = "GET /health";
const NAMELESS: Admitted = { identity: NOBODY };

/** Every caller of an open shop. */
const EVERYBODY: Identity = { ...NOBODY, isAdmin: true };

/** @returns undefined where every route is open and nothing is limited */
export const openGuard = (shop: Shop): Guard | undefined => {
  const limits = openRateLimits(shop);
  if (shop.access.isOpen && !limits) return undefined;
  const identify = shop.access.isOpen ? () => EVERYBODY : openIdentify(shop, limits);

  const allowed = (identity: Identity, route: Ruled | undefined, headers?: Headers): Admitted => {
    const missing = shortfall(identity, route?.role ?? "anyone");
    if (missing === "UNAUTHENTICATED") throw unauthenticated();
    if (missing) throw new RequestError(missing);
    return { identity, headers };
  };

  const limited = (
    identity: Identity,
    request: Addressed,
    route: Ruled | undefined,
  ): Admitted | Promise<Admitted> => {
    if (!limits || identity.isUnlimited) return allowed(identity, route);
    const headers = limits.take(identity, route?.priority, request);
    return headers instanceof Promise
      ? headers.then((known) => allowed(identity, route, known))
      : allowed(identity, route, headers);
  };

  return (request, route) => {
    if (route?.key === PROBE) return NAMELESS;
    if (route?.role === "signed") {
      // Valid signatures are not limited; an address that sends too many others is.
      limits?.checkFailures(request);
      return NAMELESS;
    }
    const identity = identify(request);
    return identity instanceof Promise
      ? identity.then((known) => limited(known, request, route))
      : limited(identity, request, route);
  };
};

interface Kept extends Record<string, unknown> {
  answerHeaders?: Headers | undefined;
}

type Asked = Request<APIGatewayProxyEventV2, Result, Error, Context, Kept>;

/** Headers that the guard puts on a request's answer, on Lambda. */
export const answerHeadersOf = ({ internal }: { readonly internal: Kept }): Headers | undefined =>
  internal.answerHeaders;

/**
 * Middleware that checks ownership, and asks the guard where no server has done so: on Lambda.
 */
export const access = (shop: Shop, route: Route): MiddlewareObj<APIGatewayProxyEventV2, Result> => {
  let guard: Guard | undefined;
  const limits = route.role === "signed" ? openRateLimits(shop) : undefined;
  return {
    before: async ({ event, context, internal }: Asked) => {
      const scope = scopeOf(event, context);
      if (!scope.identity) {
        guard ??= openGuard(shop);
        const admitted = await guard?.({ ...addressOf(event), cookies: event.cookies }, route);
        scope.identity = admitted?.identity ?? EVERYBODY;
        internal.answerHeaders = admitted?.headers;
      }
      if (route.role === "owner") checkOwner(event, scope.identity);
    },
    after: (request: Asked) => {
      const { response } = request;
      const headers = answerHeadersOf(request);
      if (response && headers) response.headers = { ...response.headers, ...headers };
    },
    onError: async (request: Asked) => {
      if (!(request.error instanceof RequestError) || request.error.code !== "SIGNATURE_INVALID") return;
      try {
        await limits?.noteFailure(addressOf(request.event));
      } catch (tooMany) {
        request.error = tooMany as Error;
      }
    },
  };
};

const addressOf = ({ headers, requestContext }: APIGatewayProxyEventV2): Addressed => ({
  headers,
  sourceIp: () => requestContext.http?.sourceIp ?? "",
});

/** Other users do not exist for a caller, so that nobody learns who is a customer. */
const checkOwner = (event: APIGatewayProxyEventV2, identity: Identity): void => {
  const claimed = event.pathParameters?.userId ?? event.queryStringParameters?.user_id;
  if (claimed !== undefined && !owns(identity, claimed)) throw new RequestError("USER_NOT_FOUND");
};

/** Whether the current request's identity may see a user's carts and orders. */
export const mayReach = (shop: Shop, userId: string): boolean =>
  shop.access.isOpen || owns(currentRequest()?.identity ?? NOBODY, userId);
