import { errorResult } from "../../middleware/error-result.ts";
import type { RequestError } from "../../middleware/request-error.ts";
import { type Headers, SECURITY_HEADERS } from "../../middleware/result.ts";

/** A JSON answer of the console's own routes, which bypass the API's chain. */
export const answer = (
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  Response.json(body, { status, headers: { ...SECURITY_HEADERS, ...headers, "cache-control": "no-store" } });

/** A failure of the console's own, in the API's form. */
export const refuse = (status: number, error: string, message: string): Response =>
  answer(status, { error, message, request_id: "", retryable: status === 409 });

/** A failure of the request, as the API answers it. */
export const refuseAs = (error: RequestError): Response => {
  const { statusCode: status, headers, body } = errorResult(error, "");
  return new Response(body, { status, headers: { ...SECURITY_HEADERS, ...(headers as Headers) } });
};
