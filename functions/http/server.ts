import type { BunRequest, Server } from "bun";
import type { Shop } from "../../core/shop.ts";
import { fieldFault, RequestError } from "../middleware/request-error.ts";
import { givenRequestId } from "../middleware/request-id.ts";
import { type Result, SECURITY_HEADERS } from "../middleware/result.ts";
import { lifecycle } from "../operations/lifecycle.ts";
import type { Method } from "../routes.ts";
import { readBody } from "./body.ts";
import { openBrowserGuard } from "./browser-guard.ts";
import { corsHeadersFor } from "./cors.ts";
import type { HttpRequest } from "./event.ts";
import { inTurn, type PageRoutes } from "./page-routes.ts";
import { oversizeOf } from "./request-limits.ts";
import { isHost, isReplaced, isRewritten, RAW_PATTERNS, targetOf } from "./request-target.ts";
import { openResponder } from "./response.ts";
import { patternOf } from "./route-match.ts";
import type { RequestTarget, Router } from "./router.ts";

/** Above the 60 s after which a load balancer drops an idle connection: the side that sends must not close first. */
const IDLE_TIMEOUT_SECONDS = 75;

/** Asked by load balancers, so it goes on answering while everything else is refused. */
const HEALTH_PATH = "/health";

const REWRITTEN = fieldFault("path", "must not contain dot segments, backslashes or a fragment");
const NO_HOST = fieldFault("headers.host", "must name one host");

/** Segments by the names they have in the pattern that matched. */
type Parameters = Readonly<Record<string, string>>;

export interface ServerOptions {
  /** Pages beside the API. Their answers bypass metrics and logs, and wait in no queue. */
  readonly pages?: PageRoutes;
  /** After which a connection is closed on which nothing moves, be it a client that does not read its answer. */
  readonly idleSeconds?: number;
  /** Lets other processes that do so take part of the port's new connections. Linux alone divides them. */
  readonly sharesPort?: boolean;
}

export interface RunningServer {
  readonly url: string;
  /** Requests not answered yet, those included that wait to be begun. */
  readonly inFlight: () => number;
  /** Those and the ones whose answer has not been sent to its end. */
  readonly unsent: () => number;
  /**
   * Calls itself unhealthy, goes on serving for as long as load balancers take to notice, then refuses new
   * work, waits for what is in flight up to the deadline, and closes. Both in milliseconds.
   *
   * @returns how many requests were cut off
   */
  readonly drain: (deadlineMs: number, noticeMs?: number) => Promise<number>;
}

/**
 * Serves a router over HTTP with Bun, which has one gap: it ends a connection on which a request is sent before
 * the one ahead of it is answered. No browser, load balancer or usual client does that.
 */
export const serve = (
  router: Router,
  shop: Shop,
  { idleSeconds = IDLE_TIMEOUT_SECONDS, pages = {}, sharesPort = false }: ServerOptions = {},
): RunningServer => {
  const { corsOrigin, requestDeadline } = shop.config.http;
  const guardBrowsers = openBrowserGuard(shop.config.http);
  const respondToAll = openResponder({ ...SECURITY_HEADERS, ...corsHeadersFor(corsOrigin) });
  const respondToOwn = corsOrigin === undefined ? respondToAll : openResponder(SECURITY_HEADERS);
  let inFlight = 0;
  let isRefusing = false;
  let onIdle: (() => void) | undefined;

  const arrived = (request: Request, server: Server<undefined>): HttpRequest => {
    const { method } = request;
    const { path, query } = targetOf(request.url);
    const headers = request.headers.toJSON();
    return {
      method,
      path,
      query,
      headers,
      readBody: method === "GET" || method === "HEAD" ? undefined : () => readBody(request, requestDeadline),
      sourceIp: () => server.requestIP(request)?.address ?? "",
      requestId: givenRequestId(headers["x-request-id"], headers["x-amzn-trace-id"]) ?? crypto.randomUUID(),
      arrivedAt: performance.now(),
    };
  };

  /** A result that makes no response is a defect of its handler. */
  const responseFor = (asked: HttpRequest, result: Result, target: RequestTarget): Response => {
    const { method, requestId } = asked;
    // No page of another origin is an administrator's.
    const responseOf = target.role === "admin" ? respondToOwn : respondToAll;
    let response: Response;
    try {
      response = responseOf(result, method, requestId);
    } catch (defect) {
      response = responseOf(target.fail(asked, defect), method, requestId);
    }
    const { answerHeaders } = asked;
    for (const name in answerHeaders) response.headers.set(name, answerHeaders[name] ?? "");
    if (lifecycle.isDraining) response.headers.set("connection", "close");
    return response;
  };

  /** Why a request is not to be answered as it asks. */
  const objectionTo = (
    { method, path, query, headers }: HttpRequest,
    segments: number | undefined,
    parameters: Parameters | undefined,
  ): RequestError | undefined => {
    if (isRefusing && path !== HEALTH_PATH) return new RequestError("SHUTTING_DOWN");
    if (!isHost(headers.host)) return NO_HOST;
    const isOther = isRewritten(path, segments) || (parameters !== undefined && isReplaced(path, parameters));
    return isOther ? REWRITTEN : (oversizeOf(path, query, headers) ?? guardBrowsers(method, headers));
  };

  const respond = (
    request: Request,
    server: Server<undefined>,
    segments: number | undefined,
    parameters: Parameters | undefined,
    target: RequestTarget = router,
  ): Response | Promise<Response> => {
    const asked = arrived(request, server);
    const objection = objectionTo(asked, segments, parameters);
    const result = objection ? target.refuse(asked, objection) : target.answer(asked);
    return result instanceof Promise ? later(asked, result, target) : responseFor(asked, result, target);
  };

  const later = async (
    asked: HttpRequest,
    result: Promise<Result>,
    target: RequestTarget,
  ): Promise<Response> => {
    inFlight += 1;
    try {
      return responseFor(asked, await result, target);
    } finally {
      inFlight -= 1;
      if (inFlight === 0) onIdle?.();
    }
  };

  type Answer = (request: BunRequest, server: Server<undefined>) => Response | Promise<Response>;
  const routes: Record<string, Answer | Partial<Record<Method | "HEAD", Answer>>> = {};
  for (const { pattern, segments } of RAW_PATTERNS) {
    routes[pattern] = (request, server) => respond(request, server, segments, request.params);
  }
  // Bun's own match is the only one that a request of a route needs; the router takes what is left.
  for (const [path, ofPath] of Map.groupBy(router.routes, (route) => route.path)) {
    const segments = path.split("/").length - 1;
    const hasParameters = path.includes("{");
    const answers: Partial<Record<Method | "HEAD", Answer>> = {};
    for (const target of ofPath) {
      answers[target.method] = (request, server) =>
        respond(request, server, segments, hasParameters ? request.params : undefined, target);
    }
    if (answers.GET) answers.HEAD = answers.GET;
    routes[patternOf(path)] = answers;
  }

  const server = Bun.serve({
    port: shop.config.http.port,
    hostname: shop.config.http.host,
    idleTimeout: idleSeconds,
    // Ours is far lower; the runtime would end the connection instead of answering.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    // Left out, it would follow `development` and let a second shop share the port unnoticed.
    reusePort: sharesPort,
    routes: { ...routes, ...inTurn(pages, shop.resilience.admission) },
    fetch: (request, server) => respond(request, server, undefined, undefined),
  });

  return {
    url: `http://${server.hostname}:${server.port}`,
    inFlight: () => inFlight,
    unsent: () => server.pendingRequests,
    drain: async (deadlineMs, noticeMs = 0) => {
      lifecycle.isDraining = true;
      if (noticeMs > 0) await Bun.sleep(noticeMs);
      isRefusing = true;
      const idle = inFlight === 0 ? Promise.resolve() : new Promise<void>((resolve) => (onIdle = resolve));
      const closed = idle.then(() => server.stop()).then(() => 0);
      const cutOff = await Promise.race([closed, Bun.sleep(deadlineMs).then(() => server.pendingRequests)]);
      if (cutOff > 0) await server.stop(true);
      return cutOff;
    },
  };
};
