import { z } from "zod";
import { SERVICES } from "../../core/resilience/services.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import { serviceSchema } from "./service-path.ts";

const stepSchema = z.object({ see: z.string(), request: z.string(), body: z.unknown().optional() });

const patternSchema = z.object({
  name: z.string(),
  what: z.string(),
  settings: z.record(z.string(), z.number()),
  steps: z.array(stepSchema),
});

const EXAMPLE = {
  name: "deadline",
  what: "Every request has a deadline; each call it makes ends with it",
  settings: { requestDeadline: 10_000 },
  steps: [{ see: "503 with Retry-After, in time", request: "GET /cart/{userId}" }],
};

const tourSchema = z
  .object({
    faults_enabled: z.boolean(),
    services: z.array(serviceSchema),
    patterns: z.array(patternSchema),
  })
  .meta({
    id: "ResilienceTour",
    examples: [{ faults_enabled: true, services: [...SERVICES], patterns: [EXAMPLE] }],
  });

export const route = defineRoute("GET /resilience/demo", {
  summary: "The patterns, their live settings, and how to see each",
  tag: "Resilience",
  responses: { 200: { description: "A guided tour", schema: tourSchema } },
});

export const handler = endpoint(route, (_input, { config, resilience }) =>
  jsonResult(200, {
    faults_enabled: resilience.faults.isEnabled,
    services: SERVICES,
    patterns: [
      {
        name: "circuit breaker",
        what: "Stops calling a dependency that fails, answers at once instead, and probes until it is back",
        settings: config.circuit,
        steps: [
          {
            see: "Break the payment service for a minute",
            request: "POST /resilience/simulate/payment",
            body: { enable: true, ttl_secs: 60 },
          },
          { see: "Check out a few carts: 202, then 503 at once", request: "POST /cart/{userId}/checkout" },
          { see: "The circuit is open", request: "GET /resilience/circuit-breakers" },
          { see: "Mend it", request: "POST /resilience/simulate/payment", body: { enable: false } },
          { see: "It closes by itself, or at once", request: "POST /resilience/reset/payment" },
        ],
      },
      {
        name: "retry with exponential backoff and full jitter, under a budget",
        what: "Tries a storage call again after a passing failure, but never so much as to make an outage worse",
        settings: { ...config.retry, maxRetries: config.dynamodb.maxAttempts - 1 },
        steps: [
          {
            see: "Two failures, then success",
            request: "POST /resilience/test-retry",
            body: { fail_count: 2, max_retries: 3 },
          },
        ],
      },
      {
        name: "deadline",
        what: "Every request has a deadline; each call it makes ends with it",
        settings: {
          requestDeadline: config.http.requestDeadline,
          dynamodbAttempt: config.dynamodb.requestTimeout,
          payment: config.payment.timeout,
        },
        steps: [
          {
            see: "Storage that never answers",
            request: "POST /resilience/simulate/dynamodb",
            body: { enable: true, kind: "hang", ttl_secs: 10 },
          },
          { see: "503 with Retry-After, in time", request: "GET /cart/{userId}" },
        ],
      },
      {
        name: "admission",
        what: "Begins new work in short slices, checkouts first and searches last; refuses only what could not be answered within its objective any more",
        settings: {
          checkoutObjective: config.objectives.checkout,
          writeObjective: config.objectives.write,
          readObjective: config.objectives.read,
        },
        steps: [
          { see: "Under more than it can take: 503 OVERLOADED", request: "GET /products/search?q=lamp" },
          { see: "while this goes on", request: "POST /cart/{userId}/checkout" },
        ],
      },
    ],
  }),
);
