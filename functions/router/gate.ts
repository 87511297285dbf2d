import type { Shop } from "../../core/shop.ts";
import { errorBody } from "../middleware/error-result.ts";
import { RequestError } from "../middleware/request-error.ts";
import { givenRequestId } from "../middleware/request-id.ts";
import { admissionOf, hasRoomFor, isCalm } from "./admission.ts";
import { corsHeadersFor } from "./cors.ts";
import { createMatcher } from "./match.ts";
import { routeKey } from "./route.ts";
import type { Endpoint } from "./routes.ts";
import { targetOf } from "./target.ts";

/**
 * Lets a request in (undefined) or refuses it, at once where that is plain, else when its turn has come or it has
 * waited too long for it.
 */
export type Gate = (request: Request) => Response | undefined | Promise<Response | undefined>;

const LOGGED_EVERY_MS = 1_000;
const RETRY_AFTER_SECONDS = 1;

/**
 * Turns away what would be refused for want of room before anything is made of it: no event, no body, no log
 * line of its own. A process under three times its load refuses two requests for each that it serves, and
 * what it spends on them it cannot spend on the one.
 */
export const openGate = (endpoints: readonly Endpoint[], shop: Shop): Gate => {
  const { limiter, queue } = shop.resilience;
  const match = createMatcher(endpoints);
  const routes = new Map(
    endpoints.map(({ route }) => [route, { key: routeKey(route), admission: admissionOf(route) }] as const),
  );
  const overloaded = new RequestError("OVERLOADED");
  const [before = "", after = ""] = JSON.stringify(errorBody(overloaded, "\u{1}", RETRY_AFTER_SECONDS)).split(
    "\\u0001",
  );
  const headers = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "retry-after": String(RETRY_AFTER_SECONDS),
    ...corsHeadersFor(shop.config.http.corsOrigin),
  };

  let refused = 0;
  let loggedAt = 0;
  const record = (route: string): void => {
    shop.metrics.add("Requests", 1, route);
    shop.metrics.add("ServerErrors", 1, route);
    refused += 1;
    if (shop.now() - loggedAt < LOGGED_EVERY_MS) return;
    shop.log.warn("overloaded", { refused, ...limiter.stats() });
    loggedAt = shop.now();
    refused = 0;
  };

  const refuse = (request: Request, route: string): Response => {
    record(route);
    const id =
      givenRequestId(request.headers.get("x-request-id"), request.headers.get("x-amzn-trace-id")) ??
      crypto.randomUUID();
    return new Response(request.method === "HEAD" ? null : before + id + after, {
      status: 503,
      headers: { ...headers, "x-request-id": id },
    });
  };

  return (request) => {
    if (isCalm(shop)) return undefined;
    const found = match(request.method, targetOf(request.url).path);
    const known = found.kind === "found" ? routes.get(found.endpoint.route) : undefined;
    if (!known?.admission) return undefined;
    const { key, admission } = known;
    if (!hasRoomFor(shop, admission)) return refuse(request, key);
    if (queue.isOpen()) return undefined;
    return queue.wait(admission).then(({ mayBegin, waited }) => {
      shop.metrics.observe("QueueWait", waited);
      return mayBegin && hasRoomFor(shop, admission) ? undefined : refuse(request, key);
    });
  };
};
