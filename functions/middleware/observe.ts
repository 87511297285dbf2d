import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { DomainError } from "../../core/errors.ts";
import { currentRequest } from "../../core/request-scope.ts";
import type { Shop } from "../../core/shop.ts";
import { errorCodeOf, errorResult } from "./error-result.ts";
import { RequestError } from "./request-error.ts";
import type { Result } from "./result.ts";

interface Internal extends Record<string, unknown> {
  startedAt: number;
}

/** One log line and one set of measures for a request that was answered, well or not. */
export const recordRequest = (
  shop: Shop,
  route: string,
  status: number,
  ms: number,
  error?: unknown,
): void => {
  shop.metrics.add("Requests", 1, route);
  if (status >= 500) shop.metrics.add("ServerErrors", 1, route);
  else if (status >= 400) shop.metrics.add("ClientErrors", 1, route);
  shop.metrics.observe("Latency", ms, route);
  const line = {
    route,
    status,
    ms: Math.round(ms * 1000) / 1000,
    ...(error !== undefined && { code: errorCodeOf(error) }),
  };
  const isExpected = error === undefined || error instanceof RequestError || error instanceof DomainError;
  if (!isExpected && status >= 500) shop.log.error("request", { ...line, error: error as Error });
  else if (error instanceof DomainError && status >= 500) {
    // An outage fails every request the same way: its reason in a word, not its stack.
    shop.log.warn("request", {
      ...line,
      reason: (error.cause as Error | undefined)?.message ?? error.message,
    });
  } else shop.log.info("request", line);
};

/**
 * The outermost middleware: turns whatever was thrown into the answer, puts the request id on it, and
 * records the request.
 */
export const observe = (shop: () => Shop, route: string): MiddlewareObj<APIGatewayProxyEventV2, Result> => {
  const finish = (response: Result, { startedAt }: Internal, error?: unknown): void => {
    const requestId = currentRequest()?.requestId ?? "";
    response.headers = { ...response.headers, "x-request-id": requestId };
    recordRequest(shop(), route, response.statusCode, performance.now() - startedAt, error);
  };
  return {
    before: (request) => {
      request.internal = { startedAt: performance.now() };
    },
    after: ({ response, internal }) => {
      finish(response as Result, internal as Internal);
    },
    onError: (request) => {
      const response = errorResult(request.error, currentRequest()?.requestId ?? "");
      request.response = response;
      finish(response, request.internal as Internal, request.error);
    },
  };
};
