import type { Shop } from "../../core/shop.ts";
import { errorResult } from "../middleware/error-result.ts";
import { recordRequest } from "../middleware/observe.ts";
import { RequestError } from "../middleware/request-error.ts";
import { requestIdOf } from "../middleware/request-id.ts";
import type { Result } from "../middleware/result.ts";
import { contextOf, eventOf, type HttpRequest } from "./event.ts";
import { createMatcher } from "./match.ts";
import { routeKey } from "./route.ts";
import type { Endpoint } from "./routes.ts";

export type Router = (request: HttpRequest) => Promise<Result>;

/** API Gateway's own name for "no route matched", and ours for it in logs and metrics. */
const NO_ROUTE = "$default";

/** What browsers may send from another origin, beside the simple headers. */
const ALLOWED_HEADERS = "content-type, idempotency-key, if-none-match, x-request-id, authorization";
const EXPOSED_HEADERS = "etag, location, retry-after, x-request-id, idempotency-replayed, cache-status";

/** Sends each request to the handler its method and path name, as the event that API Gateway would send. */
export const createRouter = (endpoints: readonly Endpoint[], shop: Shop): Router => {
  const match = createMatcher(endpoints);
  const { corsOrigin, requestDeadline } = shop.config.http;

  const withCors = (result: Result): Result => {
    result.headers = {
      ...result.headers,
      "access-control-allow-origin": corsOrigin,
      "access-control-expose-headers": EXPOSED_HEADERS,
      ...(corsOrigin !== "*" && { vary: "origin" }),
    };
    return result;
  };

  const preflight = (allow: readonly string[]): Result => ({
    statusCode: 204,
    headers: {
      allow: allow.join(", "),
      "access-control-allow-methods": allow.join(", "),
      "access-control-allow-headers": ALLOWED_HEADERS,
      "access-control-max-age": "600",
    },
  });

  const refuse = (request: HttpRequest, error: RequestError): Result => {
    const event = eventOf(request, NO_ROUTE, {}, shop.now());
    const requestId = requestIdOf(event);
    const result = errorResult(error, requestId);
    result.headers = { ...result.headers, "x-request-id": requestId };
    recordRequest(shop, NO_ROUTE, result.statusCode, 0, error);
    return result;
  };

  return async (request) => {
    const path = pathOf(request.url);
    const { method } = request;
    const found = match(method, path);
    if (found.kind === "found") {
      const { endpoint, parameters } = found;
      const event = eventOf(request, routeKey(endpoint.route), parameters, shop.now());
      const context = contextOf(event.requestContext.requestId, requestDeadline);
      return withCors(await endpoint.handler(event, context));
    }
    if (found.kind === "unknown") {
      return withCors(
        refuse(request, new RequestError(404, "ROUTE_NOT_FOUND", `There is no route ${method} ${path}`)),
      );
    }
    if (method === "OPTIONS") return withCors(preflight(found.allow));
    const allow = found.allow.join(", ");
    return withCors(
      refuse(
        request,
        new RequestError(405, "METHOD_NOT_ALLOWED", `${path} takes ${allow}, not ${method}`, {
          headers: { allow },
        }),
      ),
    );
  };
};

/** The path of an absolute URL, still percent-encoded. */
const pathOf = (url: string): string => {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  if (start === -1) return "/";
  const end = url.slice(start).search(/[?#]/);
  return end === -1 ? url.slice(start) : url.slice(start, start + end);
};
