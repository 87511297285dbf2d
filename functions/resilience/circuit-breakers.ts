import { z } from "zod";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import { circuitStateSchema, serviceSchema } from "./service-path.ts";

const count = (description: string) => z.int().min(0).meta({ description });

const circuitSchema = z
  .object({
    name: serviceSchema,
    state: circuitStateSchema,
    failures: count("In the sampling window"),
    successes: count("In the sampling window"),
    total_requests: count("Calls let through since the process started"),
    total_failures: count("Of those, the failed ones"),
    total_rejected: count("Calls not let through"),
    last_failure: z.iso.datetime().meta({ example: "2026-11-22T14:52:29.630Z" }).nullable(),
    last_error: z.string().nullable().meta({ example: "The payment service failed" }),
  })
  .meta({ id: "Circuit" });

export const route = defineRoute("GET /resilience/circuit-breakers", {
  summary: "The circuit breakers of this process",
  tag: "Resilience",
  responses: {
    200: {
      description: "State and counts",
      schema: z.object({
        timestamp: z.iso.datetime().meta({ example: "2026-11-22T14:52:29.630Z" }),
        dynamodb: circuitSchema,
        redis: circuitSchema,
        payment: circuitSchema,
      }),
    },
  },
});

export const handler = endpoint(route, (_input, { resilience: { circuits }, now }) =>
  jsonResult(200, {
    timestamp: new Date(now()).toISOString(),
    dynamodb: circuits.dynamodb.stats(),
    redis: circuits.redis.stats(),
    payment: circuits.payment.stats(),
  }),
);
