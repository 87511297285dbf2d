import createRouter from "find-my-way";
import type { Endpoint } from "./described-endpoints.ts";

export type Match<E> =
  | {
      readonly kind: "found";
      readonly endpoint: E;
      readonly parameters: Record<string, string>;
    }
  | {
      readonly kind: "wrong-method";
      readonly allow: readonly string[];
      /** Those of them that are no administrator's. */
      readonly shared: readonly string[];
    }
  /** No part of the API, but where people arrive. */
  | { readonly kind: "elsewhere"; readonly location: string }
  | { readonly kind: "unknown" }
  /** The path is not percent-encoded UTF-8. */
  | { readonly kind: "malformed" };

type Found<E> = Extract<Match<E>, { kind: "found" | "malformed" }>;

/** All of them end in a slash, which the matcher looks for first. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["/", "/docs"],
  ["/docs/", "/docs"],
]);

/** No limit of the matcher's own: what is too long, the route's schema refuses by name. */
const MAX_PARAM_LENGTH = 65_536;

/** `/products/{productId}` as find-my-way and Bun write it: `/products/:productId`. */
export const patternOf = (path: string): string => path.replace(/\{(\w+)\}/g, ":$1");

/**
 * Matches a method and a raw path (still percent-encoded, without the query) against a route table. HEAD
 * matches what GET does.
 */
export const createMatcher = <E extends Pick<Endpoint, "route">>(endpoints: readonly E[]) => {
  const router = createRouter({ maxParamLength: MAX_PARAM_LENGTH, onBadUrl: () => undefined });
  const methods = [...new Set(endpoints.map(({ route }) => route.method))];
  for (const entry of endpoints) {
    router.on(entry.route.method, patternOf(entry.route.path), () => undefined, entry);
  }

  const find = (method: string, path: string): Found<E> | undefined => {
    const found = router.find(method as "GET", path);
    if (!found) return undefined;
    // A path that can't be decoded "finds" a handler without our entry.
    if (!found.store) return { kind: "malformed" };
    return { kind: "found", endpoint: found.store as E, parameters: found.params as Record<string, string> };
  };

  return (method: string, path: string): Match<E> => {
    const isReading = method === "GET" || method === "HEAD";
    const location = isReading && path.endsWith("/") ? ELSEWHERE.get(path) : undefined;
    if (location) return { kind: "elsewhere", location };
    const own = find(isReading ? "GET" : method, path);
    if (own) return own;
    const others = methods.map((other) => ({ method: other as string, match: find(other, path) }));
    if (others.some(({ match }) => match?.kind === "malformed")) return { kind: "malformed" };
    const found = others.filter(({ match }) => match?.kind === "found");
    if (found.length === 0) return { kind: "unknown" };
    const shared = found.filter(
      ({ match }) => match?.kind === "found" && match.endpoint.route.role !== "admin",
    );
    return { kind: "wrong-method", allow: methodsOf(found), shared: methodsOf(shared) };
  };
};

/** With the two that every path takes where it takes GET, or anything. */
const methodsOf = (ofPath: readonly { readonly method: string }[]): string[] => {
  const methods = ofPath.map(({ method }) => method);
  return [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"];
};

/**
 * Takes the parameters out of a path that is known to match a route: `{ productId: "7" }` of `/products/7`.
 *
 * @returns undefined where a parameter is not percent-encoded UTF-8
 */
export const openParameterReader = (routePath: string) => {
  const names = routePath.split("/").map((segment) => /^\{(\w+)\}$/.exec(segment)?.[1]);
  const none = {};
  if (names.every((name) => name === undefined)) return () => none;
  return (path: string): Record<string, string> | undefined => {
    const parameters: Record<string, string> = {};
    const segments = path.split("/");
    try {
      for (const [at, name] of names.entries()) {
        if (name !== undefined) parameters[name] = decodeURIComponent(segments[at] ?? "");
      }
    } catch {
      return undefined;
    }
    return parameters;
  };
};
