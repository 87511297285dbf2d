import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { expect, test, vi } from "vitest";
import { captureLines } from "../../core/testing/lines.ts";
import { handler as listProducts } from "../../functions/products/list.ts";
import {
  ASSUMED,
  assumedCpu,
  breakEven,
  containerCost,
  functionsCost,
  latencies,
  processorCost,
} from "./compare-lambda.ts";
import { lambdaPage } from "./lambda-page.ts";

test("docs/lambda.md is up to date: else run `npm run docs:generate`", () => {
  expect(readFileSync(join(import.meta.dirname, "../../docs/lambda.md"), "utf8")).toBe(lambdaPage());
});

test("a container's price is shared by its requests, a function's is paid for each", () => {
  // Two tasks and a load balancer for a month, by hand: 2 × (0.03238 + 2 × 0.00356 + 0.005) + 0.0225 + 0.008 + 0.01.
  const month = (2 * 0.0445 + 0.0405) * 730;
  expect(containerCost(1)).toBeCloseTo(month / 2.628 + 0.11, 2);
  expect(containerCost(10)).toBeLessThan(containerCost(1) / 9);
  expect(functionsCost()).toBeCloseTo(1 + 0.2 + 12.5 * 0.0133334 + 1.65, 2);
  expect(containerCost(breakEven() * 1.05)).toBeLessThan(functionsCost());
  expect(containerCost(breakEven() * 0.95)).toBeGreaterThan(functionsCost());
});

test("above what two tasks take, more of them keep the price of a request", () => {
  expect(containerCost(20_000) / containerCost(10_000)).toBeCloseTo(1, 1);
});

test("a task's price by the processor time of its requests is the one by their number", () => {
  // 1 vCPU and 2 GB, half used by 500 µs a request: 1,000 requests/s.
  expect(assumedCpu()).toBe(500);
  expect(processorCost(500)).toBeCloseTo((0.03238 + 2 * 0.00356) / 3.6, 6);
});

test("functions are slower, and much slower cold", () => {
  const { container, functions } = latencies();
  expect(functions.typical).toBeGreaterThan(container.typical);
  expect(functions.cold).toBeGreaterThan(10 * functions.typical);
});

test("a function writes about as much of a request as is assumed", async () => {
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "shop");
  vi.stubEnv("LOG_LEVEL", "INFO");
  const event = {
    routeKey: "GET /products",
    rawPath: "/products",
    headers: {},
    requestContext: { requestId: "a", http: { method: "GET", path: "/products" } },
  } as unknown as APIGatewayProxyEventV2;
  const context = { awsRequestId: "a", getRemainingTimeInMillis: () => 10_000 } as never;
  const lines = captureLines();
  await listProducts(event, context); // The first call also tells of the start.
  lines.splice(0);
  expect((await listProducts(event, context)).statusCode).toBe(200);
  vi.unstubAllEnvs();
  const platformLines = 300; // START, END and REPORT.
  const bytes = platformLines + lines.reduce((sum, line) => sum + JSON.stringify(line).length, 0);
  expect(bytes).toBeGreaterThan(0.75 * ASSUMED.functionLogBytes);
  expect(bytes).toBeLessThan(1.25 * ASSUMED.functionLogBytes);
});
