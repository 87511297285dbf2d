import type { APIGatewayProxyEventV2 } from "aws-lambda";

/** Printable ASCII of bounded length: what may go into a header and a log line as it is. */
const USABLE = /^[\x21-\x7e]{1,128}$/;

/** The request's id: the client's own, else the load balancer's trace root, else the one made on arrival. */
export const requestIdOf = ({ headers = {}, requestContext }: APIGatewayProxyEventV2): string =>
  givenRequestId(headers["x-request-id"], headers["x-amzn-trace-id"]) ?? requestContext.requestId;

/** The id that a request has brought along in its headers, if it is one. */
export const givenRequestId = (
  own: string | null | undefined,
  trace: string | null | undefined,
): string | undefined => {
  if (own && USABLE.test(own)) return own;
  return trace?.match(/(?:^|;)\s*Root=([\x21-\x3a\x3c-\x7e]{1,128})/)?.[1];
};
