import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { beforeAll, expect, test, vi } from "vitest";
import { lambdaShop } from "../middleware/lambda-shop.ts";
import { handler as putProduct } from "../products/put-details.ts";
import fixtures from "../testing/api-gateway-events.json" with { type: "json" };
import { startServer } from "../testing/http.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { contextOf, eventOf } from "./event.ts";

process.env.DYNAMODB_TIMEOUT_MS = "30000";

const events = Object.entries(fixtures as Record<string, APIGatewayProxyEventV2>);
// The handlers are called as Lambda calls them, beside a server with the same shop.
const { url } = startServer(ENDPOINTS, {}, lambdaShop);

/** Counted instead of written to the output of the tests. */
const published = vi.spyOn(lambdaShop().metrics, "publish").mockImplementation(() => undefined);

/** As Lambda gives it; nothing of it comes from the server. */
const lambdaContext = {
  awsRequestId: "8f5e1b9c-5a51-4a3f-a7a1-0f1e4e6c0d6d",
  functionName: "stampede-dev-Api",
  functionVersion: "$LATEST",
  invokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:stampede-dev-Api",
  memoryLimitInMB: "1024",
  logGroupName: "/aws/lambda/stampede-dev-Api",
  logStreamName: "2026/11/22/[$LATEST]0123456789abcdef",
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => 3_000,
} as unknown as Context;

/** A handler parses the body in place, so that each call needs an event of its own. */
const callHandler = (event: APIGatewayProxyEventV2) => {
  const endpoint = ENDPOINTS.find(({ route }) => route.key === event.routeKey);
  if (!endpoint) throw new Error(`No route ${event.routeKey}`);
  return endpoint.handler(structuredClone(event), lambdaContext);
};

/** The HTTP request that made API Gateway send this event. */
const sendAsHttp = ({ requestContext, rawPath, rawQueryString, ...event }: APIGatewayProxyEventV2) => {
  const { host: _, "content-length": __, ...headers } = event.headers;
  return fetch(`${url}${rawPath}${rawQueryString && `?${rawQueryString}`}`, {
    method: requestContext.http.method,
    headers: {
      ...(headers as Record<string, string>),
      ...(event.cookies && { cookie: event.cookies.join("; ") }),
    },
    ...(event.body && { body: Buffer.from(event.body, event.isBase64Encoded ? "base64" : "utf8") }),
  });
};

beforeAll(async () => {
  const details = {
    product_id: 501,
    sku: "SKU-501",
    manufacturer: "Northwind",
    category_id: 1,
    weight: 100,
    some_other_id: 1,
    category: "Garden & Home",
    price: 19.99,
  };
  const event = fixtures["stock is set"] as unknown as APIGatewayProxyEventV2;
  const result = await putProduct({ ...event, body: JSON.stringify(details) }, lambdaContext);
  expect(result.statusCode).toBe(204);
});

const STATUSES: Record<string, number> = {
  "a product is read": 200,
  "a product the client still has": 304,
  "an unknown product, with an id of the client's own": 404,
  "a product id that is none": 400,
  "a page of a category, with cookies": 200,
  "a query parameter given twice": 400,
  "stock is set": 200,
  "a body that comes in base64": 200,
  "a body of another type": 415,
  "a body that is no JSON": 400,
  "fields that are wrong": 400,
  "an optional body left out": 400,
  "a cart that is empty": 200,
};

test.each(events)(
  "%s: the handler alone answers API Gateway as the server answers HTTP",
  async (name, event) => {
    const result = await callHandler(event);
    const response = await sendAsHttp(event);
    expect(result.statusCode).toBe(STATUSES[name]);
    expect(response.status).toBe(result.statusCode);
    expect(await response.text()).toBe(result.body ?? "");
    // The second reader of a product finds it cached.
    const { "cache-status": _, "x-cache": __, ...headers } = result.headers ?? {};
    expect(Object.fromEntries(response.headers)).toMatchObject(headers);
  },
);

test.each(events)("%s: the server's event has the shape of API Gateway's", async (_, event) => {
  const { body, isBase64Encoded, cookies, requestContext } = event;
  const ours = eventOf(
    {
      method: requestContext.http.method,
      path: event.rawPath,
      query: event.rawQueryString,
      headers: {
        ...(event.headers as Record<string, string>),
        ...(cookies && { cookie: cookies.join("; ") }),
      },
      readBody: undefined,
      sourceIp: () => requestContext.http.sourceIp,
      requestId: requestContext.requestId,
      arrivedAt: performance.now(),
    },
    event.routeKey,
    event.pathParameters as Record<string, string> | undefined,
    body === undefined ? undefined : Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
    requestContext.timeEpoch,
  );
  expect(ours).toEqual({
    ...event,
    ...(isBase64Encoded && {
      // JSON is text to the server, whatever way it took through API Gateway.
      body: Buffer.from(body ?? "", "base64").toString(),
      isBase64Encoded: false,
    }),
    requestContext: {
      ...requestContext,
      accountId: "local",
      apiId: "stampede",
      domainPrefix: "",
      requestId: ours.requestContext.requestId,
    },
  });
});

test("the remaining time counts down to the deadline and not below zero", async () => {
  const context = contextOf("id", 30);
  expect(context.getRemainingTimeInMillis()).toBeGreaterThan(0);
  expect(context.getRemainingTimeInMillis()).toBeLessThanOrEqual(30);
  await Bun.sleep(40);
  expect(context.getRemainingTimeInMillis()).toBe(0);
});

test("in a Lambda, which no timer wakes, each invocation publishes its metrics", async () => {
  published.mockClear();
  for (const [, event] of events) await callHandler(event);
  expect(published).toHaveBeenCalledTimes(events.length);
});
