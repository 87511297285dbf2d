import { FAILURES } from "../../middleware/failures.ts";
import type { RequestError } from "../../middleware/request-error.ts";
import { SECURITY_HEADERS } from "../../middleware/result.ts";

/** A JSON answer of the console's own routes, which bypass the API's chain. */
export const answer = (
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  Response.json(body, { status, headers: { ...SECURITY_HEADERS, ...headers, "cache-control": "no-store" } });

/** A failure in the API's form. */
export const refuse = (status: number, error: string, message: string): Response =>
  answer(status, { error, message, request_id: "", retryable: status === 409 });

export const refuseAs = ({ code, message, headers }: RequestError): Response => {
  const { status, retryable = false } = FAILURES[code];
  return answer(status, { error: code, message, request_id: "", retryable }, headers);
};
