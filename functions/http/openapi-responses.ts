import { STATUS_CODES } from "node:http";
import { errorBody, errorSchema } from "../middleware/error-result.ts";
import { FAILURES, type FailureCode } from "../middleware/failures.ts";
import { EXAMPLE_REQUEST_ID } from "./examples.ts";
import type { Json, SchemaWriter } from "./openapi-schemas.ts";
import type { ResponseDeclaration, Route } from "./route.ts";

/** Of reading a body, which all requests but GET may have, whether their route has a use for it or not. */
const READING_FAILURES: FailureCode[] = ["VALIDATION_FAILED", "REQUEST_TIMEOUT", "PAYLOAD_TOO_LARGE"];
/** Of a body that the route does use. */
const BODY_FAILURES: FailureCode[] = ["MALFORMED_JSON", "UNSUPPORTED_MEDIA_TYPE"];
/** Of any request. */
const COMMON_FAILURES: FailureCode[] = [
  "UNAUTHENTICATED",
  "URI_TOO_LONG",
  "MISDIRECTED_REQUEST",
  "HEADERS_TOO_LARGE",
  "RATE_LIMITED",
  "INTERNAL_ERROR",
  "ISSUER_UNAVAILABLE",
  "STORAGE_UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "OVERLOADED",
  "SHUTTING_DOWN",
];

/** The `responses` of an operation: its failures by status, then its own declarations, which win. */
export const responsesOf = (route: Route, schemas: SchemaWriter): Json => {
  const codes = new Set<FailureCode>([
    ...(route.request ? (["VALIDATION_FAILED"] as const) : []),
    ...(route.method === "GET" ? [] : READING_FAILURES),
    ...(route.request?.body ? BODY_FAILURES : []),
    ...(route.rawBody ? (["UNSUPPORTED_MEDIA_TYPE"] as const) : []),
    ...(route.method === "GET" ? [] : (["CROSS_SITE_REQUEST"] as const)),
    ...(route.role === "admin" ? (["FORBIDDEN"] as const) : []),
    ...(route.role === "owner" ? (["USER_NOT_FOUND"] as const) : []),
    ...(route.failures ?? []),
    ...COMMON_FAILURES,
  ]);
  const failures = Object.groupBy(codes, (code) => FAILURES[code].status);
  return {
    ...Object.fromEntries(
      Object.entries(failures).map(([status, group = []]) => [status, failureOf(status, group, schemas)]),
    ),
    ...Object.fromEntries(
      Object.entries(route.responses).map(([status, declared]) => [status, responseOf(declared, schemas)]),
    ),
  };
};

const headersOf = (headers: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: "string" } }]),
  );

/** Of any answer. */
const REQUEST_ID = {
  "X-Request-Id": "The request's id, on every log line about it",
  traceresponse: "The span of the request, if its trace is kept (W3C Trace Context)",
};

const responseOf = (declared: ResponseDeclaration, schemas: SchemaWriter): Json => {
  const { description, schema, example, contentTypes = [], headers } = declared;
  const json = schema && {
    schema: schemas.write(schema, "output"),
    ...(example !== undefined && { example }),
  };
  const texts = contentTypes.map((type) => [type, { schema: { type: "string" } }]);
  return {
    description,
    headers: headersOf({ ...REQUEST_ID, ...headers }),
    ...((json || texts.length > 0) && {
      content: { ...(json && { "application/json": json }), ...Object.fromEntries(texts) },
    }),
  };
};

const RETRY_AFTER = { "Retry-After": "Seconds after which to try again" };

/** Headers of failures, by status. */
const HEADERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "401": { "WWW-Authenticate": "The accepted credentials, and the fault of those given" },
  "402": { "Idempotency-Replayed": "`true` when this is an earlier answer" },
  "429": {
    ...RETRY_AFTER,
    RateLimit: "Requests left, and seconds until all of them are back",
    "RateLimit-Policy": "The limit: requests, and the seconds in which as many come back",
  },
  "503": RETRY_AFTER,
};

const failureOf = (status: string, codes: readonly FailureCode[], schemas: SchemaWriter) => ({
  description: `${STATUS_CODES[status]}: ${codes.map((code) => `\`${code}\``).join(", ")}`,
  headers: headersOf({ ...REQUEST_ID, ...HEADERS[status] }),
  content: {
    "application/json": {
      schema: schemas.write(errorSchema, "output"),
      examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
    },
  },
});

const exampleOf = (code: FailureCode): Json => {
  const { message, details, retryable } = FAILURES[code];
  return errorBody({ code, message, details }, EXAMPLE_REQUEST_ID, retryable ? 1 : undefined);
};
