import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import type { Target } from "./target.ts";

export interface HttpRequest extends Target {
  readonly method: string;
  readonly headers: Headers;
  readonly body?: Uint8Array | undefined;
  readonly sourceIp: string;
  /** Why it gets no further than the server; it is answered, logged and counted like any other failure. */
  readonly failure?: unknown;
}

const TEXT_TYPES = /^(text\/|application\/(.*\+)?(json|xml|javascript|x-www-form-urlencoded))/i;

/** `a=1&a=2&b=` as API Gateway gives it: repeated names joined by commas. */
const queryParametersOf = (query: string): Record<string, string> => {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(query)) {
    values[name] = name in values ? `${values[name]},${value}` : value;
  }
  return values;
};

/** Cookies have a list of their own beside the headers. */
const headersOf = (headers: Headers): Record<string, string> => {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of headers) if (name !== "cookie") values[name] = value;
  return values;
};

let lastSecond = { second: Number.NaN, text: "" };

/** `12/Mar/2020:19:03:58 +0000`, the common log format that API Gateway writes times in; made once a second. */
const clfTime = (now: number): string => {
  const second = Math.floor(now / 1000);
  if (second !== lastSecond.second) {
    const [, day, month, year, time] = new Date(now).toUTCString().split(" ");
    lastSecond = { second, text: `${day}/${month}/${year}:${time} +0000` };
  }
  return lastSecond.text;
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
  const { method, path, query, headers, body, sourceIp } = request;
  const cookies = headers.get("cookie")?.split(/;\s*/).filter(Boolean);
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies && { cookies }),
    headers: headersOf(headers),
    ...(query && { queryStringParameters: queryParametersOf(query) }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId: "local",
      apiId: "stampede",
      domainName: headers.get("host") ?? "",
      domainPrefix: "",
      http: {
        method,
        path,
        protocol: "HTTP/1.1",
        sourceIp,
        userAgent: headers.get("user-agent") ?? "",
      },
      requestId: crypto.randomUUID(),
      routeKey,
      stage: "$default",
      time: clfTime(now),
      timeEpoch: now,
    },
    ...bodyOf(body, headers.get("content-type") ?? ""),
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
