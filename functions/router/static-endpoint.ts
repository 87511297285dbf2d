import { endpoint, type HttpHandler } from "../middleware/endpoint.ts";
import type { Result } from "../middleware/result.ts";
import type { Route } from "./route.ts";
import { type Served, type StaticAnswer, staticAnswer } from "./static-file.ts";

/**
 * Finds the file that a path names, by the value of the path's parameter; the empty text where it has none.
 * Undefined when there is none.
 */
export type FindFile = (name: string) => Promise<Served | undefined>;

/**
 * The handler of a route that serves files. It is what runs as a Lambda; the server answers these routes before
 * it gets there, from the same variants but without a copy for each request.
 *
 * @param find answers every name that the route's schema lets through
 */
export const staticEndpoint = (route: Route, find: FindFile): HttpHandler =>
  endpoint(route, async (_input, _shop, { headers, pathParameters }) => {
    const [name = ""] = Object.values(pathParameters ?? {});
    const served = await find(name);
    if (!served) throw new Error(`${route.path} has no file ${name}`);
    return resultOf(await staticAnswer(served, headers["accept-encoding"], headers["if-none-match"]));
  });

/** Compressed content is binary, which an event's result carries in Base64. */
const resultOf = async ({ status, headers, variant }: StaticAnswer): Promise<Result> => {
  if (status === 304) return { statusCode: status, headers };
  const bytes = Buffer.from(await variant.body.arrayBuffer());
  const isBase64Encoded = variant.encoding !== "identity";
  return {
    statusCode: status,
    headers,
    body: bytes.toString(isBase64Encoded ? "base64" : "utf8"),
    isBase64Encoded,
  };
};
