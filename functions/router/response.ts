import type { Result } from "../middleware/result.ts";

/** Statuses whose answers have no body by definition (RFC 9110, section 6.4.1). */
const BODILESS = new Set([204, 205, 304]);

/** A handler's result as an HTTP response. For HEAD the body stays away but its length is told. */
export const responseOf = (result: Result, method: string): Response => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(result.headers ?? {})) headers.set(name, String(value));
  for (const cookie of result.cookies ?? []) headers.append("set-cookie", cookie);

  if (BODILESS.has(result.statusCode)) return new Response(null, { status: result.statusCode, headers });
  const body = result.isBase64Encoded ? Buffer.from(result.body ?? "", "base64") : (result.body ?? "");
  if (method !== "HEAD") return new Response(body, { status: result.statusCode, headers });
  headers.set("content-length", String(Buffer.byteLength(body)));
  return new Response(null, { status: result.statusCode, headers });
};
