import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { beforeEach, expect, test, vi } from "vitest";
import { captureLines } from "../../core/testing/lines.ts";
import * as createGuest from "../guests/create.ts";
import { MAX_HEADERS, MAX_TARGET_LENGTH } from "../http/request-limits.ts";
import * as getProduct from "../products/get.ts";
import { requireCredentials } from "../testing/identities.ts";

requireCredentials();
vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "function");
vi.stubEnv("RATE_LIMIT_PER_MINUTE", "120");
vi.stubEnv("DYNAMODB_TIMEOUT_MS", "30000");

beforeEach(() => void captureLines()); // A function prints its metrics after each call.

const HOST = "abc123.execute-api.us-east-1.amazonaws.com";

const invoke = async (
  handler: typeof createGuest.handler,
  method: string,
  headers: Record<string, string> = {},
  event: Partial<APIGatewayProxyEventV2> = {},
) => {
  const requestContext = { requestId: "call", http: { method, sourceIp: "203.0.113.9" } };
  const { statusCode, body, ...answer } = await handler(
    {
      rawPath: "/",
      rawQueryString: "",
      headers: { host: HOST, ...headers },
      requestContext,
      ...event,
    } as never,
    { awsRequestId: "call", getRemainingTimeInMillis: () => 15_000 } as Context,
  );
  const { error } = body ? JSON.parse(body) : { error: undefined };
  return { statusCode, error, headers: answer.headers };
};

test("a function answers under its API's name, and refuses writes from pages of other sites", async () => {
  expect(await invoke(createGuest.handler, "POST")).toMatchObject({ statusCode: 201 });
  const page = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  expect(await invoke(createGuest.handler, "POST", page)).toMatchObject({
    statusCode: 403,
    error: "CROSS_SITE_REQUEST",
  });
});

test("a function has the server's limits of a request", async () => {
  const read = (headers: Record<string, string>, event = {}) =>
    invoke(getProduct.handler, "GET", headers, { pathParameters: { productId: "1" }, ...event });
  const many = Object.fromEntries(Array.from({ length: MAX_HEADERS }, (_, at) => [`x-${at}`, "1"]));
  expect(await read(many)).toMatchObject({ statusCode: 431 });
  expect(await read({}, { rawQueryString: "a".repeat(MAX_TARGET_LENGTH + 1) })).toMatchObject({
    statusCode: 414,
  });
});

test("a function's answers tell what is left of the limit, failures as well", async () => {
  const answer = await invoke(getProduct.handler, "GET", {}, { pathParameters: { productId: "999" } });
  expect(answer).toMatchObject({
    statusCode: 404,
    headers: { ratelimit: expect.stringMatching(/^"default";r=\d+/) },
  });
});
