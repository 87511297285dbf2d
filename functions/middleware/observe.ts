import type { Request as MiddyRequest } from "@middy/core";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { DomainError } from "../../core/errors.ts";
import { type RequestScope, runInRequestScope } from "../../core/request-scope.ts";
import type { Shop } from "../../core/shop.ts";
import { count } from "../../core/telemetry/recorder.ts";
import { errorCodeOf } from "./error-result.ts";
import { RequestError } from "./request-error.ts";
import type { Result } from "./result.ts";

/** Records one answered request: its measures and its log line. */
export type RecordRequest = (scope: RequestScope, status: number, error?: unknown) => void;

export const openRouteRecorder = ({ metrics, log, accessLog, now }: Shop, route: string): RecordRequest => {
  const requests = metrics.sumOf("Requests", route);
  const latency = metrics.distributionOf("Latency", route);
  const write = accessLog.ofRoute(route);
  return (scope, status, error) => {
    const at = performance.now();
    const ms = at - (scope.arrivedAt ?? at);
    count(requests);
    latency.add(ms);
    if (status >= 500) metrics.add("ServerErrors", 1, route);
    else if (status >= 400) metrics.add("ClientErrors", 1, route);
    if (error === undefined) return write(now(), scope, status, ms);
    const code = errorCodeOf(error);
    if (code === "RATE_LIMITED") metrics.add("RequestsRateLimited", 1, route);
    if (code === "OVERLOADED") metrics.add("RequestsShed", 1, route);
    if (status < 500 || error instanceof RequestError || code === "OVERLOADED")
      return write(now(), scope, status, ms, code);
    const facts = { route, status, ms: Math.round(ms * 1_000) / 1_000, code };
    runInRequestScope(scope, () => {
      // An outage fails every request the same way: its reason in a word, not its stack.
      if (error instanceof DomainError) {
        log.warn("request", {
          ...facts,
          reason: (error.cause as Error | undefined)?.message ?? error.message,
        });
      } else log.error("request", { ...facts, error: error as Error });
    });
  };
};

/** The arguments that middy hands to its hooks. */
export type EndedRequest = Pick<
  MiddyRequest<APIGatewayProxyEventV2, Result>,
  "event" | "context" | "response" | "error"
>;
