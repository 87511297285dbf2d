// biome-ignore-all lint/style/noExcessiveLinesPerFile: the one way of a request, in its order
import type { RequestScope } from "../../core/request-scope.ts";
import type { Shop } from "../../core/shop.ts";
import { runInSpan } from "../../core/tracing/span.ts";
import { type Admitted, openGuard } from "../middleware/access.ts";
import type { HttpHandler } from "../middleware/endpoint.ts";
import { errorResult } from "../middleware/error-result.ts";
import { openRouteRecorder, type RecordRequest } from "../middleware/observe.ts";
import { OVERLOADED, overloadedResult } from "../middleware/overloaded.ts";
import { fieldFault, RequestError } from "../middleware/request-error.ts";
import { emptyResult, type Result } from "../middleware/result.ts";
import { ALLOWED_HEADERS } from "./cors.ts";
import type { Endpoint } from "./described-endpoints.ts";
import { eventOf, type HttpRequest, WorkContext } from "./event.ts";
import type { Route } from "./route.ts";
import { createMatcher, type Match, openParameterReader } from "./route-match.ts";
import { traced } from "./traced.ts";

/** Where the requests of one route go, or of any. */
export interface RequestTarget {
  /** Absent where no route matched. */
  readonly role?: Route["role"];
  /** Answers a request, at once where its endpoint can, else when its turn has come. */
  readonly answer: (request: HttpRequest) => Result | Promise<Result>;
  /** Answers a request that gets no further, whatever its route; when its turn has come. */
  readonly refuse: (request: HttpRequest, failure: unknown) => Result | Promise<Result>;
  /** Answers one whose handler's result can't be sent. */
  readonly fail: (request: HttpRequest, defect: unknown) => Result;
}

/** Matches requests with routes itself; a server that has matched one asks the route instead. */
export interface Router extends RequestTarget {
  readonly routes: readonly (RequestTarget & Pick<Route, "method" | "path">)[];
}

/** API Gateway's own name for "no route matched", and ours for it in logs and metrics. */
export const NO_ROUTE = "$default";

/** A route, with everything about it that no request changes. */
interface Entry extends Pick<Endpoint, "route"> {
  readonly handler: HttpHandler;
  readonly hasParameters: boolean;
  readonly parametersOf: ReturnType<typeof openParameterReader>;
  readonly record: RecordRequest;
}

type Found = Extract<Match<Entry>, { kind: "found" }>;

/** A request that can be begun. */
interface Work {
  readonly request: HttpRequest;
  readonly found: Match<Entry>;
  /** `performance.now()` when it was there in full. */
  readonly readyAt: number;
  readonly body: Uint8Array | undefined;
}

/** Sends each request to the handler its method and path name, as the event that API Gateway would send. */
export const createRouter = (endpoints: readonly Endpoint[], shop: Shop): Router => {
  const entries = endpoints.map(
    ({ route, handler }): Entry => ({
      route,
      handler: handler.withShop(shop),
      hasParameters: route.path.includes("{"),
      parametersOf: openParameterReader(route.path),
      record: openRouteRecorder(shop, route.key),
    }),
  );
  const match = createMatcher(entries);
  const recordUnmatched = openRouteRecorder(shop, NO_ROUTE);
  const { admission } = shop.resilience;
  const { corsOrigin, requestDeadline } = shop.config.http;
  const guard = openGuard(shop);
  const { tracing } = shop;

  /**
   * Requests that reach no handler are logged and counted all the same, under the id that the client knows.
   */
  const recorded = (request: HttpRequest, found: Match<Entry>, result: Result, failure?: unknown): Result => {
    const record = found.kind === "found" ? found.endpoint.record : recordUnmatched;
    record(scopeFor(request), result.statusCode, failure);
    return result;
  };

  const failed = (request: HttpRequest, found: Match<Entry>, failure: unknown): Result =>
    recorded(request, found, errorResult(failure, request.requestId), failure);

  /** The same for a request that was not admitted, in its turn: refusals halt the event loop as answers do. */
  const turnedAway = (
    request: HttpRequest,
    found: Match<Entry>,
    failure: unknown,
  ): Result | Promise<Result> => admission.answer(() => failed(request, found, failure));

  /** The endpoint's answer, if it needs no event, context or wait. */
  const atOnce = (request: HttpRequest, { endpoint, parameters }: Found): Result | undefined =>
    endpoint.handler.atOnce?.({ pathParameters: parameters, headers: request.headers });

  const begin = ({ request, found, readyAt, body }: Work): Result | Promise<Result> => {
    if (found.kind !== "found") {
      const answer = answerOf(request.method, found, corsOrigin !== undefined);
      return answer ? recorded(request, found, answer) : failed(request, found, failureOf(found));
    }
    const { requestId, arrivedAt } = request;
    const early = atOnce(request, found);
    if (early) return recorded(request, found, early);
    const { handler, route, hasParameters } = found.endpoint;
    const event = eventOf(request, route.key, hasParameters ? found.parameters : undefined, body, shop.now());
    const { span } = request;
    const traceId = span?.context.traceId;
    const scope: RequestScope = { requestId, traceId, arrivedAt, readyAt, priority: route.priority };
    if (request.identity) scope.identity = request.identity;
    const context = new WorkContext(scope, arrivedAt + requestDeadline);
    // The request that made room for this one may have a trace of its own.
    return span ? runInSpan(span, () => handler(event, context)) : handler(event, context);
  };

  const inTurn = (work: Work, endpoint: Entry): Promise<Result> =>
    new Promise((resolve) => {
      const { request, readyAt } = work;
      const ending = (act: () => Result | Promise<Result>) => () => {
        shop.metrics.observe("QueueWait", performance.now() - readyAt);
        const result = act();
        resolve(result);
        return result;
      };
      admission.wait(
        endpoint.route.priority,
        readyAt,
        ending(() => begin(work)),
        ending(() => refused(request, endpoint)),
      );
    });

  const refused = (request: HttpRequest, { record }: Entry): Result => {
    record(scopeFor(request), 503, OVERLOADED);
    return overloadedResult(request.requestId);
  };

  /** An answer at hand passes the requests that wait: it costs no more than a refusal. */
  const whenAdmitted = (work: Work): Result | Promise<Result> => {
    if (admission.isOpen()) return begin(work);
    const { request, found } = work;
    let answer = () => begin(work);
    if (found.kind === "found") {
      const early = atOnce(request, found);
      if (!early) return inTurn(work, found.endpoint);
      answer = () => recorded(request, found, early);
    }
    return admission.answer(answer);
  };

  const afterBody = async (
    request: HttpRequest,
    found: Match<Entry>,
    readBody: NonNullable<HttpRequest["readBody"]>,
  ): Promise<Result> => {
    let body: Uint8Array | undefined;
    try {
      body = await readBody();
    } catch (failure) {
      return turnedAway(request, found, failure);
    }
    return whenAdmitted({ request, found, readyAt: performance.now(), body });
  };

  const proceed = (request: HttpRequest, found: Match<Entry>): Result | Promise<Result> =>
    request.readBody
      ? afterBody(request, found, request.readBody)
      : whenAdmitted({ request, found, readyAt: request.arrivedAt, body: undefined });

  /** Before the body is read and before the request waits for anything: a refusal costs next to nothing. */
  const enter = (
    request: HttpRequest,
    found: Match<Entry>,
    route: Route | undefined,
  ): Result | Promise<Result> => {
    if (!guard) return proceed(request, found);
    const goOn = ({ identity, headers }: Admitted): Result | Promise<Result> => {
      request.identity = identity;
      request.answerHeaders = headers;
      return proceed(request, found);
    };
    try {
      const admitted = guard(request, route);
      if (!(admitted instanceof Promise)) return goOn(admitted);
      return admitted.then(goOn).catch((failure: unknown) => turnedAway(request, found, failure));
    } catch (failure) {
      return turnedAway(request, found, failure);
    }
  };

  const targetBy = (find: (request: HttpRequest) => Match<Entry>): RequestTarget => ({
    refuse: (request, failure) => turnedAway(request, find(request), failure),
    fail: (request, defect) => failed(request, find(request), defect),

    answer: (request) => {
      const found = find(request);
      const route = found.kind === "found" ? found.endpoint.route : undefined;
      // Health checks and the like would fill every list of traces.
      if (!tracing || route?.priority === "operations") return enter(request, found, route);
      return traced(tracing, request, route?.key ?? NO_ROUTE, () => enter(request, found, route));
    },
  });

  return {
    ...targetBy(({ method, path }) => match(method, path)),
    routes: entries.map((entry) => ({
      ...targetBy(({ path }) => foundAt(entry, path)),
      role: entry.route.role,
      method: entry.route.method,
      path: entry.route.path,
    })),
  };
};

const scopeFor = ({ requestId, arrivedAt, span }: HttpRequest): RequestScope => ({
  requestId,
  arrivedAt,
  traceId: span?.context.traceId,
});

const foundAt = (endpoint: Entry, path: string): Match<Entry> => {
  const parameters = endpoint.parametersOf(path);
  return parameters ? { kind: "found", endpoint, parameters } : { kind: "malformed" };
};

/** Answers that need no handler. */
const answerOf = (method: string, found: Match<unknown>, isShared: boolean): Result | undefined => {
  if (found.kind === "elsewhere") return emptyResult(302, { location: found.location });
  return found.kind === "wrong-method" && method === "OPTIONS" ? preflight(found, isShared) : undefined;
};

/** @param isShared whether pages of another origin may call at all; those methods that are an administrator's never */
const preflight = (found: Extract<Match<unknown>, { kind: "wrong-method" }>, isShared: boolean): Result =>
  emptyResult(204, {
    allow: found.allow.join(", "),
    ...(isShared && {
      "access-control-allow-methods": found.shared.join(", "),
      "access-control-allow-headers": ALLOWED_HEADERS,
      "access-control-max-age": "600",
    }),
  });

/** Why no route takes the request. The path is not repeated: whatever is in it, the client knows it. */
const failureOf = (found: Exclude<Match<unknown>, { kind: "found" }>): RequestError => {
  switch (found.kind) {
    case "malformed":
      return fieldFault("path", "must be percent-encoded UTF-8");
    case "wrong-method": {
      const allow = found.allow.join(", ");
      return new RequestError("METHOD_NOT_ALLOWED", {
        message: `This path takes ${allow}`,
        headers: { allow },
      });
    }
    default:
      return new RequestError("ROUTE_NOT_FOUND");
  }
};
