import createRouter from "find-my-way";
import type { Endpoint } from "./routes.ts";

export type Match =
  | {
      readonly kind: "found";
      readonly endpoint: Endpoint;
      readonly parameters: Record<string, string>;
    }
  | { readonly kind: "wrong-method"; readonly allow: readonly string[] }
  | { readonly kind: "unknown" };

/** `/products/{productId}` as find-my-way writes it: `/products/:productId`. */
const patternOf = (path: string): string => path.replace(/\{(\w+)\}/g, ":$1");

/**
 * Matches a method and a raw path (still percent-encoded, without the query) against a route table. HEAD
 * matches what GET does.
 */
export const createMatcher = (endpoints: readonly Endpoint[]) => {
  const router = createRouter({
    maxParamLength: 2_048,
    onBadUrl: () => undefined,
  });
  const methods = [...new Set(endpoints.map(({ route }) => route.method))];
  for (const entry of endpoints) {
    router.on(entry.route.method, patternOf(entry.route.path), () => undefined, entry);
  }

  const find = (method: string, path: string) => {
    const found = router.find(method as "GET", path);
    // A path that can't be decoded "finds" a handler without our entry.
    return found?.store ? { endpoint: found.store as Endpoint, parameters: found.params } : undefined;
  };

  return (method: string, path: string): Match => {
    const found = find(method === "HEAD" ? "GET" : method, path);
    if (found)
      return {
        kind: "found",
        endpoint: found.endpoint,
        parameters: found.parameters as Record<string, string>,
      };
    const allow: string[] = methods.filter((other) => find(other, path));
    if (allow.length === 0) return { kind: "unknown" };
    if (allow.includes("GET")) allow.push("HEAD");
    return { kind: "wrong-method", allow: [...allow, "OPTIONS"] };
  };
};
