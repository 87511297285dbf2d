import { runInRequestScope } from "../../core/request-scope.ts";
import type { Shop } from "../../core/shop.ts";
import { recordRequest } from "../middleware/observe.ts";
import { givenRequestId } from "../middleware/request-id.ts";
import { corsHeadersFor } from "./cors.ts";
import { routeKey } from "./route.ts";
import type { Endpoint } from "./routes.ts";
import type { FindFile } from "./static-endpoint.ts";
import { staticAnswer } from "./static-file.ts";

/** The answer to a request for a file, logged and counted; undefined for anything else. */
export type StaticAnswers = (request: Request, path: string) => Promise<Response | undefined> | undefined;

interface Found {
  readonly key: string;
  readonly find: FindFile;
  readonly name: string;
}

/** Serves the table's files from shared memory: however many clients read slowly, each holds a socket, not a copy. */
export const openStaticAnswers = (endpoints: readonly Endpoint[], shop: Shop): StaticAnswers => {
  const routeOf = matcherOf(endpoints);
  const { vary, ...cors } = corsHeadersFor(shop.config.http.corsOrigin) as Record<string, string>;

  const answer = async (request: Request, { key, find, name }: Found): Promise<Response | undefined> => {
    const startedAt = performance.now();
    const served = await find(name);
    if (!served) return undefined;
    const given = request.headers;
    const { status, headers, variant } = await staticAnswer(
      served,
      given.get("accept-encoding"),
      given.get("if-none-match"),
    );
    const requestId =
      givenRequestId(given.get("x-request-id"), given.get("x-amzn-trace-id")) ?? crypto.randomUUID();
    const isBodiless = request.method === "HEAD" || status === 304;
    const response = new Response(isBodiless ? null : variant.body, {
      status,
      headers: {
        ...headers,
        ...cors,
        ...(vary && { vary: `${headers.vary}, ${vary}` }),
        "x-request-id": requestId,
      },
    });
    if (request.method === "HEAD" && status === 200) {
      response.headers.set("content-length", String(variant.body.size));
    }
    runInRequestScope({ requestId }, () => recordRequest(shop, key, status, performance.now() - startedAt));
    return response;
  };

  return (request, path) => {
    if (request.method !== "GET" && request.method !== "HEAD") return undefined;
    const found = routeOf(path);
    // What fails here fails in the route's handler as well, which answers and records it.
    return found && answer(request, found).catch(() => undefined);
  };
};

/** Of the routes that serve files: by their whole path, or by all but the parameter at its end. */
const matcherOf = (endpoints: readonly Endpoint[]) => {
  const routes = new Map<string, Omit<Found, "name">>();
  for (const { route, find } of endpoints) {
    if (find) routes.set(route.path.replace(/\{\w+\}$/, ""), { key: routeKey(route), find });
  }
  return (path: string): Found | undefined => {
    const exact = routes.get(path);
    if (exact) return { ...exact, name: "" };
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const found = routes.get(folder);
    return found && { ...found, name: path.slice(folder.length) };
  };
};
