import type { Headers as HeaderRecord, Result } from "../middleware/result.ts";

/** Statuses whose answers have no body by definition (RFC 9110, section 6.4.1). */
const BODILESS = new Set([204, 205, 304]);

/** Header records that many results share, with what the runtime makes of them. */
const prepared = new WeakMap<HeaderRecord, Headers>();

/** Makes responses of handlers' results, with the headers that each of them has. */
export const openResponder = (everywhere: HeaderRecord) => {
  const common = new Headers(everywhere as Record<string, string>);

  /** Only to be used at once: a shared one is used again for the next response. */
  const headersOf = ({ headers, cookies }: Result, requestId: string): Headers => {
    const given = (headers ?? {}) as HeaderRecord;
    let own = prepared.get(given);
    if (own === undefined) {
      own = new Headers(common); // A copy takes half the time that a record takes.
      for (const name in given) {
        // An answer may vary by more than its origin.
        if (name === "vary") own.append(name, String(given[name]));
        else own.set(name, String(given[name]));
      }
      if (Object.isFrozen(given)) prepared.set(given, own);
      else for (const cookie of cookies ?? []) own.append("set-cookie", cookie);
    }
    own.set("x-request-id", requestId);
    return own;
  };

  /**
   * A handler's result as an HTTP response. For HEAD the body stays away but its length is given. A result
   * whose headers are frozen shares them with others, and has no cookies.
   */
  return (result: Result, method: string, requestId: string): Response => {
    const { statusCode: status } = result;
    const headers = headersOf(result, requestId);
    if (BODILESS.has(status)) return new Response(null, { status, headers });
    const body = result.blob ?? bytesOf(result);
    if (method !== "HEAD") return new Response(body, { status, headers });
    const response = new Response(null, { status, headers });
    const size = body instanceof Blob ? body.size : Buffer.byteLength(body);
    response.headers.set("content-length", String(size));
    return response;
  };
};

const bytesOf = ({ body = "", isBase64Encoded }: Result): string | Buffer<ArrayBuffer> =>
  isBase64Encoded ? Buffer.from(body, "base64") : body;
