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

/** A request that is let through. */
export interface Admitted {
  readonly identity: Identity;
  /** For its answer. */
  readonly headers?: Headers | undefined;
}

/**
 * Lets a request through to its route, or not, before anything is done for it.
 *
 * @param route the one that was matched, never what the path looks like; undefined where none was
 * @throws RequestError 401, 403 or 429
 */
export type Guard = (
  request: Credentials & Addressed,
  route: Ruled | undefined,
) => Admitted | Promise<Admitted>;

/** Load balancers ask for it: with no credentials, and as often as they like. */
const PROBE = "GET /health";
const PROBED: Admitted = { identity: NOBODY };

/** Where everything is open to everybody. */
const EVERYBODY: Identity = { ...NOBODY, isAdmin: true };

/** @returns undefined where everything is open to everybody, as often as they like */
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
    if (route?.key === PROBE) return PROBED;
    const identity = identify(request);
    return identity instanceof Promise
      ? identity.then((known) => limited(known, request, route))
      : limited(identity, request, route);
  };
};

type Asked = Request<APIGatewayProxyEventV2, Result, Error, Context, { answerHeaders?: Headers | undefined }>;

/**
 * Middleware that keeps everybody out of what is not theirs. The server has asked its guard before; a Lambda function
 * has nobody else to do so.
 */
export const access = (shop: Shop, route: Route): MiddlewareObj<APIGatewayProxyEventV2, Result> => {
  const guard = openGuard(shop);
  return {
    before: async ({ event, context, internal }: Asked) => {
      const scope = scopeOf(event, context);
      if (guard && !scope.identity) {
        const { headers, cookies, requestContext } = event;
        const sourceIp = (): string => requestContext.http?.sourceIp ?? "";
        const admitted = await guard({ headers, cookies, sourceIp }, route);
        scope.identity = admitted.identity;
        internal.answerHeaders = admitted.headers;
      }
      if (route.role === "owner") checkOwner(event, scope.identity ?? NOBODY);
    },
    after: ({ response, internal }: Asked) => {
      if (response) response.headers = { ...response.headers, ...internal.answerHeaders };
    },
  };
};

/** A user who is not the one asking does not exist for them, so that nobody learns who is a customer. */
const checkOwner = (event: APIGatewayProxyEventV2, identity: Identity): void => {
  const claimed = event.pathParameters?.userId ?? event.queryStringParameters?.user_id;
  if (claimed !== undefined && !owns(identity, claimed)) throw new RequestError("USER_NOT_FOUND");
};

/** Whether the current request's identity may see a user's carts and orders. */
export const mayReach = (shop: Shop, userId: string): boolean =>
  shop.access.isOpen || owns(currentRequest()?.identity ?? NOBODY, userId);
