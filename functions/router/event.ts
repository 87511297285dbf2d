import type { APIGatewayProxyEventV2, Context } from "aws-lambda";

export interface HttpRequest {
  readonly method: string;
  /** Absolute URL as it arrived. */
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
  readonly sourceIp: string;
}

const TEXT_TYPES = /^(text\/|application\/(.*\+)?(json|xml|javascript|x-www-form-urlencoded))/i;

/** `a=1&a=2&b=` as API Gateway gives it: repeated names joined by commas. Undefined when there are none. */
const queryParametersOf = (search: URLSearchParams): Record<string, string> | undefined => {
  if (search.size === 0) return undefined;
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of search) values[name] = name in values ? `${values[name]},${value}` : value;
  return values;
};

const bodyOf = (body: Uint8Array | undefined, contentType: string) => {
  if (!body || body.length === 0) return { isBase64Encoded: false };
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return TEXT_TYPES.test(contentType)
    ? { body: bytes.toString("utf8"), isBase64Encoded: false }
    : { body: bytes.toString("base64"), isBase64Encoded: true };
};

/** An HTTP request as the event an API Gateway HTTP API sends to a function (payload format 2.0). */
export const eventOf = (
  request: HttpRequest,
  routeKey: string,
  pathParameters: Record<string, string>,
  now: number,
): APIGatewayProxyEventV2 => {
  const url = new URL(request.url);
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of request.headers) if (name !== "cookie") headers[name] = value;
  const cookies = request.headers.get("cookie")?.split(/;\s*/).filter(Boolean);
  const query = queryParametersOf(url.searchParams);
  return {
    version: "2.0",
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookies && { cookies }),
    headers,
    ...(query && { queryStringParameters: query }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId: "local",
      apiId: "stampede",
      domainName: url.hostname,
      domainPrefix: "",
      http: {
        method: request.method,
        path: url.pathname,
        protocol: "HTTP/1.1",
        sourceIp: request.sourceIp,
        userAgent: request.headers.get("user-agent") ?? "",
      },
      requestId: crypto.randomUUID(),
      routeKey,
      stage: "$default",
      time: new Date(now).toISOString(),
      timeEpoch: now,
    },
    ...bodyOf(request.body, request.headers.get("content-type") ?? ""),
  };
};

/** A Lambda context whose remaining time counts down to the request's deadline, in milliseconds. */
export const contextOf = (requestId: string, deadline: number): Context => {
  const endsAt = performance.now() + deadline;
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: false,
    functionName: "stampede",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:local:000000000000:function:stampede",
    logGroupName: "stampede",
    logStreamName: "stampede",
    memoryLimitInMB: "0",
    getRemainingTimeInMillis: () => Math.max(0, endsAt - performance.now()),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
};
