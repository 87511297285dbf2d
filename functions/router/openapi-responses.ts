import { STATUS_CODES } from "node:http";
import { errorSchema } from "../middleware/error-result.ts";
import { FAILURES, type FailureCode } from "../middleware/failures.ts";
import { EXAMPLE_REQUEST_ID } from "./examples.ts";
import type { Json, SchemaWriter } from "./openapi-schemas.ts";
import type { ResponseDeclaration, Route } from "./route.ts";

/** What a kind of request can meet, and what any request can. */
const BODY_FAILURES: FailureCode[] = ["MALFORMED_JSON", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"];
const COMMON_FAILURES: FailureCode[] = [
  "INTERNAL_ERROR",
  "STORAGE_UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "SHUTTING_DOWN",
];

/** The `responses` of an operation: its failures by status, then its own declarations, which win. */
export const responsesOf = (route: Route, schemas: SchemaWriter): Json => {
  const codes: FailureCode[] = [
    ...(route.request ? (["VALIDATION_FAILED"] as const) : []),
    ...(route.request?.body ? BODY_FAILURES : []),
    ...(route.failures ?? []),
    ...COMMON_FAILURES,
  ];
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

const headersOf = (headers: Readonly<Record<string, string>> = {}): Json =>
  Object.fromEntries(
    Object.entries({ "X-Request-Id": "The request's id, in every log line about it", ...headers }).map(
      ([name, description]) => [name, { description, schema: { type: "string" } }],
    ),
  );

const responseOf = (
  { description, schema, contentTypes, headers }: ResponseDeclaration,
  schemas: SchemaWriter,
) => ({
  description,
  headers: headersOf(headers),
  ...(schema && { content: { "application/json": { schema: schemas.write(schema, "output") } } }),
  ...(contentTypes && {
    content: Object.fromEntries(contentTypes.map((type) => [type, { schema: { type: "string" } }])),
  }),
});

const failureOf = (status: string, codes: readonly FailureCode[], schemas: SchemaWriter) => ({
  description: `${STATUS_CODES[status]}: ${codes.map((code) => `\`${code}\``).join(", ")}`,
  headers: headersOf(status === "503" ? { "Retry-After": "Seconds after which to try again" } : {}),
  content: {
    "application/json": {
      schema: schemas.write(errorSchema, "output"),
      examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
    },
  },
});

const exampleOf = (error: FailureCode): Json => {
  const { message, details, retryable = false } = FAILURES[error];
  return {
    error,
    message,
    ...(details !== undefined && { details }),
    request_id: EXAMPLE_REQUEST_ID,
    retryable,
  };
};
