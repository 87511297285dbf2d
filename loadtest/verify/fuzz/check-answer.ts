import { type ApiDocument, type DeclaredResponse, type Operation, routeOf } from "./document.ts";
import { expectationOf } from "./expectation.ts";
import type { Answer, SentRequest } from "./send.ts";

/** Whether the shop has a reason to answer with a 5xx: injected faults, or more load than it can take. */
export type Weather = "calm" | "trouble";

/** Of every answer, by HTTP itself or by what the document says of all. */
const USUAL_HEADERS = new Set(
  [
    ["connection", "content-length", "content-type", "date", "transfer-encoding", "keep-alive"],
    ["cache-control", "vary", "content-encoding", "x-request-id", "retry-after", "allow", "location", "etag"],
    ["x-content-type-options", "x-frame-options", "referrer-policy", "content-security-policy"],
    ["strict-transport-security", "cross-origin-opener-policy", "cross-origin-resource-policy"],
    ["permissions-policy", "www-authenticate", "ratelimit", "ratelimit-policy", "set-cookie"],
  ].flat(),
);

/** Codes of failures that belong to no operation. */
const NO_OPERATION: Readonly<Record<number, string>> = {
  400: "VALIDATION_FAILED",
  401: "UNAUTHENTICATED",
  404: "ROUTE_NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  414: "URI_TOO_LONG",
  429: "RATE_LIMITED",
  431: "HEADERS_TOO_LARGE",
};

/** The first fault of an answer, or undefined. */
export const faultOfAnswer = (
  document: ApiDocument,
  request: SentRequest,
  answer: Answer,
  weather: Weather,
): string | undefined => {
  const { status, headers } = answer;
  if (!headers.get("x-request-id")) return "no X-Request-Id";
  if (status === 429 || status === 503) {
    if (!/^[1-9]\d*$/.test(headers.get("retry-after") ?? ""))
      return `${status} without Retry-After in seconds`;
  }
  if (status === 302)
    return isRightRedirect(document, request, headers) ? undefined : "a redirect to nowhere";
  const method = request.method === "HEAD" ? "GET" : request.method;
  const operation = document.operationAt(method, request.path);
  if (!operation) return faultOffRoute(document, request, answer);
  return faultOfOperation(document, operation, request, answer, weather);
};

const faultOffRoute = (
  document: ApiDocument,
  { method, path }: SentRequest,
  answer: Answer,
): string | undefined => {
  const { status, headers } = answer;
  const allowed = document.methodsAt(path);
  if (allowed.length > 0) {
    const allow = [...allowed, ...(allowed.includes("GET") ? ["HEAD"] : []), "OPTIONS"].sort().join(", ");
    const told = (headers.get("allow") ?? "").split(", ").sort().join(", ");
    if (method === "OPTIONS" && status === 204) return told === allow ? undefined : `Allow is ${told}`;
    if (status === 405 && told !== allow) return `405 with Allow ${told} instead of ${allow}`;
  }
  const code = NO_OPERATION[status];
  if (!code) return status >= 500 ? `${status} off any route` : `${status} off any route is not documented`;
  return method === "HEAD" ? undefined : faultOfError(document, answer, [code]);
};

/** People who arrive at a folder are led to its page. */
const isRightRedirect = (document: ApiDocument, { path }: SentRequest, headers: Headers): boolean => {
  const location = headers.get("location") ?? "";
  return path === `${location}/` && document.operationAt("GET", location) !== undefined;
};

const faultOfOperation = (
  document: ApiDocument,
  operation: Operation,
  request: SentRequest,
  answer: Answer,
  weather: Weather,
): string | undefined => {
  const { status, headers } = answer;
  const declared = operation.responses[status];
  if (!declared) return `${status} is not declared for ${routeOf(operation)}`;
  const undeclared = [...headers.keys()].find((name) => !isDeclared(declared, name));
  if (undeclared) return `header ${undeclared} is not declared for ${status} of ${routeOf(operation)}`;
  const fault = request.method === "HEAD" ? faultOfHead(answer) : faultOfBody(document, declared, answer);
  if (fault) return fault;
  const code = status >= 400 ? codeOf(answer) : undefined;
  if (weather === "calm" && status >= 500 && (code || request.method === "HEAD")) {
    return `${status} ${code} without any fault`;
  }
  return faultOfJudgement(document, operation, request, answer, code);
};

const isDeclared = ({ headers = {} }: DeclaredResponse, name: string): boolean =>
  USUAL_HEADERS.has(name) ||
  name.startsWith("access-control-") ||
  Object.keys(headers).some((declared) => declared.toLowerCase() === name);

const faultOfHead = ({ text }: Answer): string | undefined =>
  text === "" ? undefined : "a body in the answer to HEAD";

const faultOfBody = (
  document: ApiDocument,
  { content }: DeclaredResponse,
  answer: Answer,
): string | undefined => {
  const { status, headers, text } = answer;
  const type = headers.get("content-type");
  if (!content) return text === "" ? undefined : `${status} is declared without a body`;
  const media = Object.entries(content).find(([name]) => name === type || type?.startsWith(`${name};`));
  if (!media) return `content type ${type} is not declared for ${status}`;
  const [name, { schema, examples }] = media;
  if (name !== "application/json") return undefined;
  if (examples) return faultOfError(document, answer, Object.keys(examples), schema);
  const body = jsonOf(text);
  return body === undefined ? "a body that is no JSON" : document.faultOf(schema, body);
};

const ERROR = { $ref: "#/components/schemas/Error" };

/** A failure: its shape, a code that its status is documented with, and the same id as in its header. */
const faultOfError = (
  document: ApiDocument,
  { status, headers, text }: Answer,
  codes: readonly string[],
  schema: Readonly<Record<string, unknown>> = ERROR,
): string | undefined => {
  const body = jsonOf(text) as { error: string; request_id: string } | undefined;
  const fault = body === undefined ? "a failure that is no JSON" : document.faultOf(schema, body);
  if (!body || fault) return fault;
  if (!codes.includes(body.error)) return `${status} ${body.error} is not documented`;
  return body.request_id === headers.get("x-request-id") ? undefined : "request_id differs from X-Request-Id";
};

/** Failures of a request that is not as the document has it. */
const INVALID = new Set([
  "VALIDATION_FAILED",
  "MALFORMED_JSON",
  "UNSUPPORTED_MEDIA_TYPE",
  "PAYLOAD_TOO_LARGE",
]);

const faultOfJudgement = (
  document: ApiDocument,
  operation: Operation,
  request: SentRequest,
  { status }: Answer,
  code: string | undefined,
): string | undefined => {
  const expectation = expectationOf(document, operation, request);
  if (expectation === "refuse" && status < 400) return `${status} for a request that the document forbids`;
  if (expectation === "accept" && code && INVALID.has(code)) {
    return `${status} ${code} for a request that the document allows`;
  }
  return undefined;
};

const codeOf = ({ text }: Answer): string | undefined =>
  (jsonOf(text) as { error?: string } | undefined)?.error;

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
