import type { z } from "zod";
import type { FailureCode } from "../middleware/failures.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** The part of a request that a schema covers; fields are named `path.…`, `query.…`, `headers.…`, `body.…`. */
export type RequestPart = "path" | "query" | "headers" | "body";

export interface ResponseDeclaration {
  readonly description: string;
  /** Absent for an answer without a body. */
  readonly schema?: z.ZodType;
  /** In place of the schema's own example. */
  readonly example?: unknown;
  /** Of an answer that is no JSON. */
  readonly contentTypes?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One entry of the route table: what the router matches, what the middleware validates and what the
 * OpenAPI document says.
 */
export interface Route {
  readonly method: Method;
  /** As in OpenAPI and API Gateway: `/products/{productId}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: "Products" | "Stock" | "Cart" | "Orders" | "Resilience" | "Operations";
  readonly admin?: boolean;
  readonly request?: Readonly<Partial<Record<RequestPart, z.ZodType>>>;
  /** Whether the body may be left out. */
  readonly optionalBody?: boolean;
  readonly responses: Readonly<Record<number, ResponseDeclaration>>;
  /** Failures of its own, beside those that its kind of request or any request can meet. */
  readonly failures?: readonly FailureCode[];
}

/** Keeps the literal types of a route, from which its handler's input is inferred. */
export const defineRoute = <const R extends Route>(route: R): R => route;

/** `GET /products/{productId}`: the name of a route in logs, metrics and the table of API Gateway. */
export const routeKey = ({ method, path }: Pick<Route, "method" | "path">): string => `${method} ${path}`;

type Parsed<R extends Route, Part extends RequestPart> = R extends {
  request: infer Parts;
}
  ? Parts extends { readonly [K in Part]: infer Schema extends z.ZodType }
    ? z.infer<Schema>
    : undefined
  : undefined;

/** What a route's handler works with once the request has been validated. */
export interface Input<R extends Route> {
  readonly path: Parsed<R, "path">;
  readonly query: Parsed<R, "query">;
  readonly headers: Parsed<R, "headers">;
  readonly body: Parsed<R, "body">;
}
