import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import type { Identity } from "../../core/access/identity.ts";
import type { RequestScope } from "../../core/request-scope.ts";
import type { Span } from "../../core/tracing/span.ts";
import type { Target } from "./request-target.ts";

/** A request as the server hands it to the router. */
export interface HttpRequest extends Target {
  readonly method: string;
  /** By their names in lower case; repeated ones are joined. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent where no body is to be expected. */
  readonly readBody: (() => Promise<Uint8Array | undefined>) | undefined;
  readonly sourceIp: () => string;
  /** The client's own, else the load balancer's, else a new one. */
  readonly requestId: string;
  /** `performance.now()` at its arrival: all that it waits for counts against its deadline. */
  readonly arrivedAt: number;
  /** On whose behalf it is made, once that is known. */
  identity?: Identity;
  /** Of the trace that it belongs to, if that is kept. */
  span?: Span;
  /** Put on its answer, whatever that is. */
  answerHeaders?: Readonly<Record<string, string>> | undefined;
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

const bodyOf = (body: Uint8Array | undefined, contentType = "") => {
  if (!body || body.length === 0) return undefined;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return TEXT_TYPES.test(contentType)
    ? { body: bytes.toString("utf8"), isBase64Encoded: false }
    : { body: bytes.toString("base64"), isBase64Encoded: true };
};

/**
 * An HTTP request as the event an API Gateway HTTP API sends to a function (payload format 2.0). A plain object for
 * whatever reads, copies or prints it; its largest part, which handlers hardly look at, is made when it is first read.
 *
 * @param pathParameters undefined for a route without any
 */
export const eventOf = (
  request: HttpRequest,
  routeKey: string,
  pathParameters: Record<string, string> | undefined,
  body: Uint8Array | undefined,
  now: number,
): APIGatewayProxyEventV2 => {
  const { path, query } = request;
  const content = bodyOf(body, request.headers["content-type"]);
  let requestContext: APIGatewayProxyEventV2["requestContext"] | undefined;
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: query,
    cookies: request.headers.cookie?.split(/;\s*/).filter(Boolean),
    headers: request.headers.cookie === undefined ? request.headers : withoutCookies(request.headers),
    queryStringParameters: query ? queryParametersOf(query) : undefined,
    pathParameters,
    get requestContext() {
      return (requestContext ??= requestContextOf(request, routeKey, now));
    },
    set requestContext(other) {
      requestContext = other;
    },
    body: content?.body,
    isBase64Encoded: content?.isBase64Encoded ?? false,
  };
};

/** Cookies have a list of their own beside the headers. */
const withoutCookies = ({ cookie: _, ...others }: HttpRequest["headers"]): HttpRequest["headers"] => others;

const requestContextOf = (
  { method, path, headers, sourceIp, requestId }: HttpRequest,
  routeKey: string,
  now: number,
): APIGatewayProxyEventV2["requestContext"] => ({
  accountId: "local",
  apiId: "stampede",
  domainName: headers.host ?? "",
  domainPrefix: "",
  http: {
    method,
    path,
    protocol: "HTTP/1.1",
    sourceIp: sourceIp(),
    userAgent: headers["user-agent"] ?? "",
  },
  requestId,
  routeKey,
  stage: "$default",
  time: clfTime(now),
  timeEpoch: now,
});

/** A Lambda context whose remaining time counts down to the work's deadline. */
export class WorkContext implements Context {
  readonly scope: RequestScope;
  readonly awsRequestId: string;
  /** A function of its own: middy takes it off its object. */
  readonly getRemainingTimeInMillis: () => number;
  readonly callbackWaitsForEmptyEventLoop = false;
  readonly functionName = "stampede";
  readonly functionVersion = "$LATEST";
  readonly invokedFunctionArn = "arn:aws:lambda:local:000000000000:function:stampede";
  readonly logGroupName = "stampede";
  readonly logStreamName = "stampede";
  readonly memoryLimitInMB = "0";

  /** @param endsAt in milliseconds of `performance.now()` */
  constructor(scope: RequestScope, endsAt: number) {
    this.scope = scope;
    this.awsRequestId = scope.requestId;
    this.getRemainingTimeInMillis = () => Math.max(0, endsAt - performance.now());
  }

  done(): void {}
  fail(): void {}
  succeed(): void {}
}

/** A context whose work must end within the given milliseconds. */
export const contextOf = (requestId: string, deadline: number): Context =>
  new WorkContext({ requestId }, performance.now() + deadline);
