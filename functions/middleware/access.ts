import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { type Identity, NOBODY, owns, shortfall } from "../../core/access/identity.ts";
import { currentRequest } from "../../core/request-scope.ts";
import type { Shop } from "../../core/shop.ts";
import type { Route } from "../http/route.ts";
import type { RouteEntry } from "../routes.ts";
import { type Credentials, openIdentify, unauthenticated } from "./credentials.ts";
import { RequestError } from "./request-error.ts";
import type { Result } from "./result.ts";
import { scopeOf } from "./scope.ts";

/** What decides about a request on a route. */
type Ruled = Pick<RouteEntry, "key" | "role">;

/**
 * Lets a request through to its route, or not, before anything is done for it.
 *
 * @param route the one that was matched, never what the path looks like; undefined where none was
 * @throws RequestError 401 or 403
 */
export type Guard = (request: Credentials, route: Ruled | undefined) => Identity | Promise<Identity>;

/** Load balancers ask for it, with no credentials at all. */
const PROBE = "GET /health";

/** @returns undefined where everything is open to everybody */
export const openGuard = (shop: Shop): Guard | undefined => {
  if (shop.access.isOpen) return undefined;
  const identify = openIdentify(shop);

  const checked = (identity: Identity, route: Ruled | undefined): Identity => {
    const missing = shortfall(identity, route?.role ?? "anyone");
    if (missing === "UNAUTHENTICATED") throw unauthenticated();
    if (missing) throw new RequestError(missing);
    return identity;
  };

  return (request, route) => {
    if (route?.key === PROBE) return NOBODY;
    const identity = identify(request);
    return identity instanceof Promise
      ? identity.then((known) => checked(known, route))
      : checked(identity, route);
  };
};

/**
 * Middleware that keeps everybody out of what is not theirs. The server has asked its guard before; a Lambda function
 * has nobody else to do so.
 */
export const access = (shop: Shop, route: Route): MiddlewareObj<APIGatewayProxyEventV2, Result> => {
  const guard = openGuard(shop);
  return {
    before: async ({ event, context }) => {
      const scope = scopeOf(event, context);
      if (guard) scope.identity ??= await guard(event, route);
      if (route.role === "owner") checkOwner(event, scope.identity ?? NOBODY);
    },
  };
};

/** A user who is not the one asking does not exist for them, so that nobody learns who is a customer. */
const checkOwner = (event: APIGatewayProxyEventV2, identity: Identity): void => {
  const claimed = event.pathParameters?.userId ?? event.queryStringParameters?.user_id;
  if (claimed !== undefined && !owns(identity, claimed)) throw new RequestError("USER_NOT_FOUND");
};

/** Whether what belongs to a user may be shown to whoever makes the request at hand. */
export const mayReach = (shop: Shop, userId: string): boolean =>
  shop.access.isOpen || owns(currentRequest()?.identity ?? NOBODY, userId);
