import { STATUS_CODES } from "node:http";
import { z } from "zod";
import { errorSchema } from "../middleware/error-result.ts";
import type { ResponseDeclaration, Route } from "./route.ts";

type Json = Record<string, unknown>;

/** Failures any route may give beside those it declares. */
const COMMON_FAILURES = [400, 405, 500, 503];

/**
 * The OpenAPI 3.1 document of a route table. OpenAPI 3.1 takes JSON Schema 2020-12 as it is, so the schemas
 * that validate requests are the documentation.
 */
export const openApiDocument = (routes: readonly Route[]): Json => {
  const components = new Map<string, Json>();
  const schemaOf = (schema: z.ZodType, io: "input" | "output"): Json => {
    const { $schema, $defs = {}, ...json } = z.toJSONSchema(schema, { io, target: "draft-2020-12" }) as Json;
    const { id, ...root } = json;
    for (const [name, definition] of Object.entries($defs as Record<string, Json>))
      addComponent(name, definition);
    if (typeof id !== "string") return relinked(root);
    addComponent(id, root);
    return { $ref: `#/components/schemas/${id}` };
  };
  const addComponent = (name: string, { id: _, ...definition }: Json): void => {
    components.set(name, relinked(definition));
  };

  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const operations = (paths[route.path] ??= {});
    operations[route.method.toLowerCase()] = operationOf(route, schemaOf);
  }
  const error = schemaOf(errorSchema, "output");
  return {
    openapi: "3.1.0",
    info: {
      title: "Stampede",
      version: "0.1.0",
      summary: "A shop to run, break on purpose and measure",
      description: `Every failure has the same shape: ${JSON.stringify(error.$ref)}. Answers with status 429 or 503 carry Retry-After. X-Request-Id is taken over from the request and is on every answer.`,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: ["Products", "Stock", "Cart", "Orders", "Operations"].map((name) => ({
      name,
    })),
    paths,
    components: {
      schemas: Object.fromEntries([...components].sort(([a], [b]) => a.localeCompare(b))),
    },
  };
};

type SchemaOf = (schema: z.ZodType, io: "input" | "output") => Json;

const operationOf = (route: Route, schemaOf: SchemaOf): Json => ({
  operationId: operationIdOf(route),
  summary: route.summary,
  ...(route.description && { description: route.description }),
  tags: [route.tag],
  ...(route.admin && { "x-admin": true }),
  parameters: (["path", "query", "headers"] as const).flatMap((part) => parametersOf(route, part, schemaOf)),
  ...(route.request?.body && {
    requestBody: {
      required: !route.optionalBody,
      content: {
        "application/json": { schema: schemaOf(route.request.body, "input") },
      },
    },
  }),
  responses: responsesOf(route, schemaOf),
});

/** `GET /cart/{userId}/items` becomes `getCartUserIdItems`. */
const operationIdOf = ({ method, path }: Route): string =>
  [method.toLowerCase(), ...path.split(/[^A-Za-z]+/).filter(Boolean)]
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join("");

const LOCATION = { path: "path", query: "query", headers: "header" } as const;

const parametersOf = (route: Route, part: keyof typeof LOCATION, schemaOf: SchemaOf): Json[] => {
  const schema = route.request?.[part];
  if (!schema) return [];
  // Parameters are described as the values they stand for (a whole number, not its digits).
  const { properties = {} } = schemaOf(schema, "output") as {
    properties?: Record<string, Json>;
  };
  const required = new Set((schemaOf(schema, "input").required ?? []) as string[]);
  return Object.entries(properties).map(([name, { description, example, ...rest }]) => ({
    name,
    in: LOCATION[part],
    required: part === "path" || required.has(name),
    ...(description !== undefined && { description }),
    ...(example !== undefined && { example }),
    schema: rest,
  }));
};

const responsesOf = (route: Route, schemaOf: SchemaOf): Json => {
  const failures: Record<string, ResponseDeclaration> = {};
  for (const status of [...COMMON_FAILURES, ...(route.failures ?? [])]) {
    failures[status] = {
      description: STATUS_CODES[status] ?? "Failure",
      schema: errorSchema,
    };
  }
  const declared: [string, ResponseDeclaration][] = Object.entries({
    ...failures,
    ...route.responses,
  });
  return Object.fromEntries(declared.map(([status, response]) => [status, responseOf(response, schemaOf)]));
};

const responseOf = (
  { description, schema, contentType, headers }: ResponseDeclaration,
  schemaOf: SchemaOf,
): Json => ({
  description,
  headers: {
    "X-Request-Id": { schema: { type: "string" } },
    ...Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, meaning]) => [
        name,
        { description: meaning, schema: { type: "string" } },
      ]),
    ),
  },
  ...(schema && {
    content: { "application/json": { schema: schemaOf(schema, "output") } },
  }),
  ...(contentType && {
    content: { [contentType]: { schema: { type: "string" } } },
  }),
});

/** Points references at the document's components instead of the schema's own definitions. */
const relinked = (value: Json): Json =>
  JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
