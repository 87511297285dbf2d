import { version } from "../../package.json";
import { responsesOf } from "./openapi-responses.ts";
import { type Json, openSchemaWriter, type SchemaWriter } from "./openapi-schemas.ts";
import { SECURITY, SECURITY_SCHEMES } from "./openapi-security.ts";
import type { Route } from "./route.ts";

/**
 * The OpenAPI 3.1 document of a route table. OpenAPI 3.1 takes JSON Schema 2020-12 as it is, so the schemas
 * that validate requests are the documentation.
 */
export const openApiDocument = (routes: readonly Route[]): Json => {
  const schemas = openSchemaWriter();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const operations = (paths[route.path] ??= {});
    operations[route.method.toLowerCase()] = operationOf(route, schemas);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Stampede",
      version,
      summary: "A shop to run, break on purpose and measure",
      description:
        "Every failure has the same shape, with a code to switch on. Answers with status 429 or 503 carry " +
        "`Retry-After`. `X-Request-Id` is taken over from the request and is on every answer.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: ["Products", "Stock", "Cart", "Orders", "Payment", "Resilience", "Operations"].map((name) => ({
      name,
    })),
    paths,
    components: { schemas: schemas.components(), securitySchemes: SECURITY_SCHEMES },
  };
};

const operationOf = (route: Route, schemas: SchemaWriter): Json => ({
  operationId: operationIdOf(route),
  summary: route.summary,
  ...(route.description && { description: route.description }),
  tags: [route.tag],
  ...(route.role === "admin" && { "x-admin": true }),
  security: SECURITY[route.role],
  parameters: (["path", "query", "headers"] as const).flatMap((part) => parametersOf(route, part, schemas)),
  ...requestBodyOf(route, route.request?.body ?? route.rawBody, schemas),
  responses: responsesOf(route, schemas),
});

const requestBodyOf = (route: Route, body: Route["rawBody"], schemas: SchemaWriter): Json =>
  body
    ? {
        requestBody: {
          required: !route.optionalBody,
          content: { "application/json": { schema: schemas.write(body, "input") } },
        },
      }
    : {};

/** `GET /cart/{userId}/items` becomes `getCartUserIdItems`. */
const operationIdOf = ({ method, path }: Route): string =>
  [method.toLowerCase(), ...path.split(/[^A-Za-z]+/).filter(Boolean)]
    .map((word, index) => (index === 0 ? word : capitalized(word)))
    .join("");

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const LOCATION = { path: "path", query: "query", headers: "header" } as const;

const parametersOf = (route: Route, part: keyof typeof LOCATION, schemas: SchemaWriter): Json[] => {
  const schema = route.request?.[part];
  if (!schema) return [];
  // Parameters are described as the values they stand for (a whole number, not its digits).
  const { properties = {} } = schemas.write(schema, "output") as { properties?: Record<string, Json> };
  const required = new Set((schemas.write(schema, "input").required ?? []) as string[]);
  return Object.entries(properties).map(([name, { description, example, ...rest }]) => ({
    name: part === "headers" ? name.split("-").map(capitalized).join("-") : name,
    in: LOCATION[part],
    required: part === "path" || required.has(name),
    ...(description !== undefined && { description }),
    ...(example !== undefined && { example }),
    schema: rest,
  }));
};
