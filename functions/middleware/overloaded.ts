import { errorResult } from "./error-result.ts";
import { RequestError } from "./request-error.ts";
import type { Headers, Result } from "./result.ts";

/** Made once: an error takes a stack trace, and refusals are many at a time. */
export const OVERLOADED = new RequestError("OVERLOADED");

const ID = "REQUEST-ID";
const { statusCode, headers, body = "" } = errorResult(OVERLOADED, ID);
const sharedHeaders = Object.freeze(headers) as Headers;
const [beforeId, afterId] = body.split(`"${ID}"`);

/** The answer to a request that is refused, of which only the id differs. */
export const overloadedResult = (requestId: string): Result => ({
  statusCode,
  headers: sharedHeaders,
  body: `${beforeId}${JSON.stringify(requestId)}${afterId}`,
});
