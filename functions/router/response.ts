import type { Result } from "../middleware/result.ts";

/** Statuses whose answers have no body by definition (RFC 9110, section 6.4.1). */
const BODILESS = new Set([204, 205, 304]);

/** A handler's result as an HTTP response. For HEAD the body stays away but its length is told. */
export const responseOf = (result: Result, method: string): Response => {
  const { statusCode: status, cookies = [] } = result;
  // As they are: a Headers object in between costs more than the rest of the response.
  const given = (result.headers ?? {}) as Record<string, string>;
  const headers = cookies.length === 0 ? given : withCookies(given, cookies);

  if (BODILESS.has(status)) return new Response(null, { status, headers });
  const body = result.isBase64Encoded ? Buffer.from(result.body ?? "", "base64") : (result.body ?? "");
  const response = new Response(method === "HEAD" ? null : body, { status, headers });
  if (method === "HEAD") response.headers.set("content-length", String(Buffer.byteLength(body)));
  return response;
};

const withCookies = (given: Record<string, string>, cookies: readonly string[]): Headers => {
  const headers = new Headers(given);
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return headers;
};
