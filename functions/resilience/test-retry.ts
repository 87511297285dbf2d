import { z } from "zod";
import { fullJitter, retrying } from "../../core/resilience/retry.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { inMilliseconds, latencySchema } from "../middleware/latency.ts";
import { jsonResult } from "../middleware/result.ts";

const outcomeSchema = z
  .object({
    configured_fail_count: z.int(),
    configured_max_retries: z.int(),
    actual_attempts: z.int(),
    success: z.boolean(),
    total_time: latencySchema,
    message: z.string().meta({ example: "Succeeded at attempt 3" }),
  })
  .meta({ id: "RetryOutcome" });

export const route = defineRoute("POST /resilience/test-retry", {
  summary: "Watch the retry policy at work",
  description: "Runs the policy that storage calls run under on a call that fails as often as asked.",
  tag: "Resilience",
  request: {
    body: z
      .strictObject({
        fail_count: z.int().min(0).max(20).meta({ description: "Attempts that fail", example: 2 }),
        max_retries: z.int().min(0).max(10).meta({ example: 3 }),
      })
      .meta({ id: "RetryTest" }),
  },
  responses: {
    200: { description: "It succeeded in the end", schema: outcomeSchema },
    500: { description: "The retries ran out", schema: outcomeSchema },
  },
});

export const handler = endpoint(route, async ({ body: { fail_count, max_retries } }, { config }) => {
  const startedAt = performance.now();
  let attempts = 0;
  const success = await retrying(
    async () => {
      attempts += 1;
      if (attempts <= fail_count) throw new Error(`Attempt ${attempts} fails, as asked`);
      return true;
    },
    (_, retries) => (retries < max_retries ? fullJitter(retries, config.retry) : undefined),
  ).catch(() => false);
  return jsonResult(success ? 200 : 500, {
    configured_fail_count: fail_count,
    configured_max_retries: max_retries,
    actual_attempts: attempts,
    success,
    total_time: inMilliseconds(performance.now() - startedAt),
    message: success ? `Succeeded at attempt ${attempts}` : `Gave up after ${attempts} attempts`,
  });
});
