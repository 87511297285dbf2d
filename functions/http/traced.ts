import { runInSpan, type Span } from "../../core/tracing/span.ts";
import { formatTraceparent } from "../../core/tracing/trace-context.ts";
import type { Tracing } from "../../core/tracing/tracing.ts";
import type { Result } from "../middleware/result.ts";
import type { HttpRequest } from "./event.ts";

/**
 * Answers a request within a trace: the caller's, the load balancer's or one of its own. The answer to a traced
 * request names its span, so that a slow answer leads to its trace.
 */
export const traced = (
  tracing: Tracing,
  request: HttpRequest,
  route: string,
  answer: () => Result | Promise<Result>,
): Result | Promise<Result> => {
  const span = tracing.beginRequest(route, request.headers, request.arrivedAt);
  if (!span) return answer();
  request.span = span;
  const result = runInSpan(span, answer);
  return result instanceof Promise
    ? result.then((later) => ended(request, span, later))
    : ended(request, span, result);
};

/** Names by OpenTelemetry's semantic conventions for HTTP. The path is left out: it may name a user. */
const ended = (request: HttpRequest, span: Span, result: Result): Result => {
  const { statusCode } = result;
  span.set({
    "http.request.method": request.method,
    "http.response.status_code": statusCode,
    "stampede.request_id": request.requestId,
  });
  if (statusCode >= 500) span.fail(`status ${statusCode}`);
  span.end();
  request.answerHeaders = { ...request.answerHeaders, traceresponse: formatTraceparent(span.context) };
  return result;
};
