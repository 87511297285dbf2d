import { runInRequestScope } from "../../core/request-scope.ts";
import type { Shop } from "../../core/shop.ts";
import { errorResult } from "../middleware/error-result.ts";
import { recordRequest } from "../middleware/observe.ts";
import { fieldFault, RequestError } from "../middleware/request-error.ts";
import { requestIdOf } from "../middleware/request-id.ts";
import { emptyResult, type Result } from "../middleware/result.ts";
import { admitted } from "./admission.ts";
import { ALLOWED_HEADERS, corsHeadersFor } from "./cors.ts";
import { contextOf, eventOf, type HttpRequest } from "./event.ts";
import { createMatcher, type Match } from "./match.ts";
import { routeKey } from "./route.ts";
import type { Endpoint } from "./routes.ts";

export type Router = (request: HttpRequest) => Promise<Result>;

/** API Gateway's own name for "no route matched", and ours for it in logs and metrics. */
export const NO_ROUTE = "$default";

/** Sends each request to the handler its method and path name, as the event that API Gateway would send. */
export const createRouter = (endpoints: readonly Endpoint[], shop: Shop): Router => {
  const match = createMatcher(endpoints);
  const { corsOrigin, requestDeadline } = shop.config.http;
  const corsHeaders = corsHeadersFor(corsOrigin);

  const handle = async (request: HttpRequest): Promise<Result> => {
    const arrivedAt = performance.now();
    const found = match(request.method, request.path);
    const { route, parameters } =
      found.kind === "found"
        ? { route: routeKey(found.endpoint.route), parameters: found.parameters }
        : { route: NO_ROUTE, parameters: {} };
    const event = eventOf(request, route, parameters, shop.now());
    let refusal = request.failure;
    if (found.kind === "found" && !refusal) {
      const { handler, route: entry } = found.endpoint;
      const context = contextOf(event.requestContext.requestId, requestDeadline);
      try {
        return await admitted(shop, entry, () => handler(event, context));
      } catch (error) {
        // Handlers answer their own failures, so this is the refusal to run one.
        refusal = error;
      }
    }
    // What no handler sees is logged and counted all the same, under the id the client knows it by.
    const requestId = requestIdOf(event);
    return runInRequestScope({ requestId }, () => {
      const answer = refusal ? undefined : answerOf(request.method, found);
      const failure = answer ? undefined : (refusal ?? failureOf(found));
      const result = answer ?? errorResult(failure, requestId);
      recordRequest(shop, route, result.statusCode, performance.now() - arrivedAt, failure);
      result.headers = { ...result.headers, "x-request-id": requestId };
      return result;
    });
  };

  return async (request) => {
    const result = await handle(request);
    result.headers = { ...result.headers, ...corsHeaders };
    return result;
  };
};

/** What is answered well without a handler. */
const answerOf = (method: string, found: Match): Result | undefined => {
  if (found.kind === "elsewhere") return emptyResult(302, { location: found.location });
  return found.kind === "wrong-method" && method === "OPTIONS" ? preflight(found.allow) : undefined;
};

const preflight = (allow: readonly string[]): Result =>
  emptyResult(204, {
    allow: allow.join(", "),
    "access-control-allow-methods": allow.join(", "),
    "access-control-allow-headers": ALLOWED_HEADERS,
    "access-control-max-age": "600",
  });

/** Why no route takes the request. The path is not repeated: whatever is in it, the client knows it. */
const failureOf = (found: Match): RequestError | undefined => {
  switch (found.kind) {
    case "malformed":
      return fieldFault("path", "must be percent-encoded UTF-8");
    case "unknown":
      return new RequestError("ROUTE_NOT_FOUND");
    case "wrong-method": {
      const allow = found.allow.join(", ");
      return new RequestError("METHOD_NOT_ALLOWED", {
        message: `This path takes ${allow}`,
        headers: { allow },
      });
    }
    case "elsewhere":
    case "found":
      return undefined;
  }
};
