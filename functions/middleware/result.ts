import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

/** A handler's answer in API Gateway's payload format 2.0. */
export type Result = APIGatewayProxyStructuredResultV2 & {
  statusCode: number;
  /** The body in memory that answers share; only ever given to the server, in place of `body`. */
  blob?: Blob;
};

export type Headers = Readonly<Record<string, string>>;

/**
 * On every answer: browsers are neither to guess its type, nor to frame it, embed it in others' pages or run anything
 * in it, nor to tell others where it was. Over TLS they stay with TLS; over plain HTTP they ignore that one.
 */
export const SECURITY_HEADERS: Headers = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "strict-transport-security": "max-age=31536000",
};

/** Not to be kept by any cache unless its route says otherwise: carts and orders are somebody's own. */
export const jsonResult = (statusCode: number, body: unknown, headers: Headers = {}): Result => ({
  statusCode,
  headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  body: JSON.stringify(body),
});

export const emptyResult = (statusCode: number, headers: Headers = {}): Result => ({
  statusCode,
  headers: { ...headers },
});
