import type { APIGatewayProxyEventV2 } from "aws-lambda";

/** Printable ASCII of bounded length: what may go into a header and a log line as it is. */
const USABLE = /^[\x21-\x7e]{1,128}$/;

/** The request's id: the client's own, else the load balancer's trace root, else the one made on arrival. */
export const requestIdOf = ({ headers = {}, requestContext }: APIGatewayProxyEventV2): string => {
  const given = headers["x-request-id"];
  if (given && USABLE.test(given)) return given;
  const root = headers["x-amzn-trace-id"]?.match(/(?:^|;)\s*Root=([\x21-\x3a\x3c-\x7e]{1,128})/)?.[1];
  return root ?? requestContext.requestId;
};
