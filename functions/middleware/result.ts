import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

/** A handler's answer in API Gateway's payload format 2.0. */
export type Result = APIGatewayProxyStructuredResultV2 & { statusCode: number };

export type Headers = Readonly<Record<string, string>>;

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

export const textResult = (
  statusCode: number,
  contentType: string,
  body: string,
  headers: Headers = {},
): Result => ({
  statusCode,
  headers: { "content-type": contentType, ...headers },
  body,
});
