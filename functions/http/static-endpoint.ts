import { endpoint, type HttpEntry } from "../middleware/endpoint.ts";
import type { Result } from "../middleware/result.ts";
import { WorkContext } from "./event.ts";
import type { Route } from "./route.ts";
import { type Served, type StaticAnswer, staticAnswer } from "./static-file.ts";

/**
 * Finds the file that a path names, by the value of the path's parameter; the empty text where it has none.
 * Undefined when there is none.
 */
export type FindFile = (name: string) => Promise<Served | undefined>;

/**
 * The handler of a route that serves files, from memory that all answers share; as a Lambda function, from a copy.
 *
 * @param find answers every name that the route's schema lets through
 */
export const staticEndpoint = (route: Route, find: FindFile): HttpEntry =>
  endpoint(route, async (_input, _shop, { headers, pathParameters }, context) => {
    const [name = ""] = Object.values(pathParameters ?? {});
    const served = await find(name);
    if (!served) throw new Error(`${route.path} has no file ${name}`);
    const answer = await staticAnswer(served, headers["accept-encoding"], headers["if-none-match"]);
    return context instanceof WorkContext ? sharedResult(answer) : resultOf(answer);
  });

/** However many clients read slowly, each holds a socket, not a copy. */
const sharedResult = ({ status, headers, variant }: StaticAnswer): Result =>
  status === 304 ? { statusCode: status, headers } : { statusCode: status, headers, blob: variant.body };

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
