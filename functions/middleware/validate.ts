import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { z } from "zod";
import type { Input, RequestPart, Route } from "../http/route.ts";
import { type FieldFault, fieldFaults } from "./request-error.ts";

/** Enough to see what is wrong: an answer must not grow with the number of faults a body can hold. */
const MAX_FAULTS = 20;
const MAX_NAME_LENGTH = 100;

const PARTS: Readonly<Record<RequestPart, (event: APIGatewayProxyEventV2) => unknown>> = {
  path: (event) => event.pathParameters ?? {},
  query: (event) => event.queryStringParameters ?? {},
  headers: (event) => event.headers ?? {},
  // The body parser has put the parsed body in the place of the text.
  body: (event) => event.body,
};

/**
 * Checks the parts of a request that a route declares.
 *
 * @throws RequestError 400 naming the fields that are wrong
 */
export const validate = <R extends Route>(route: R, event: APIGatewayProxyEventV2): Input<R> => {
  const input: Partial<Record<RequestPart, unknown>> = {};
  const faults: FieldFault[] = [];
  for (const part of ["path", "query", "headers", "body"] as const) {
    const schema = route.request?.[part];
    const value = PARTS[part](event);
    if (!schema || (part === "body" && value === undefined && route.optionalBody)) continue;
    const parsed = schema.safeParse(value);
    if (parsed.success) input[part] = parsed.data;
    else faults.push(...parsed.error.issues.flatMap((issue) => faultsOf(part, issue)));
  }
  if (faults.length === 0) return input as unknown as Input<R>;
  throw fieldFaults(faults.slice(0, MAX_FAULTS));
};

const faultsOf = (part: RequestPart, issue: z.core.$ZodIssue): FieldFault[] => {
  const field = [part, ...issue.path.map(String)].join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      field: `${field}.${key.slice(0, MAX_NAME_LENGTH)}`,
      message: "is not a known field",
    }));
  }
  return [{ field, message: issue.message }];
};

/** A whole number written out in a path or query, e.g. `42`; not `1e3`, `4.0` or ` 4`. */
export const wholeNumber = <S extends z.ZodType<number, number>>(schema: S) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .pipe(schema);
