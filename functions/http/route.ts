import type { z } from "zod";
import type { FailureCode } from "../middleware/failures.ts";
import { type RouteEntry, type RouteKey, routeEntry } from "../routes.ts";

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
 * An endpoint's declaration of its route: the middleware validates it and the OpenAPI document describes it.
 */
export interface RouteDeclaration {
  readonly summary: string;
  readonly description?: string;
  readonly tag: "Products" | "Stock" | "Cart" | "Orders" | "Payment" | "Resilience" | "Operations";
  readonly request?: Readonly<Partial<Record<RequestPart, z.ZodType>>>;
  /** Whether the body may be left out. */
  readonly optionalBody?: boolean;
  /** Of a body that reaches the handler as the text that came, since a signature covers it to the letter. */
  readonly rawBody?: z.ZodType;
  readonly responses: Readonly<Record<number, ResponseDeclaration>>;
  /** Failures of its own, beside those that its kind of request or any request can meet. */
  readonly failures?: readonly FailureCode[];
}

export type Route = RouteDeclaration & Omit<RouteEntry, "file">;

/** Declares a route of the table. Keeps the literal types, from which the handler's input is inferred. */
export const defineRoute = <const D extends RouteDeclaration>(
  key: RouteKey,
  declaration: D,
): D & RouteEntry => ({
  ...routeEntry(key),
  ...declaration,
});

type Parsed<R extends Route, Part extends RequestPart> = R extends {
  request: infer Parts;
}
  ? Parts extends { readonly [K in Part]: infer Schema extends z.ZodType }
    ? z.infer<Schema>
    : undefined
  : undefined;

/** Input of a route's handler once the request has been validated. */
export interface Input<R extends Route> {
  readonly path: Parsed<R, "path">;
  readonly query: Parsed<R, "query">;
  readonly headers: Parsed<R, "headers">;
  readonly body: Parsed<R, "body">;
}
