import { z } from "zod";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import { readHeap } from "./heap.ts";
import { countOperations } from "./operation-counts.ts";

const megabytes = (description: string) =>
  z
    .number()
    .min(0)
    .meta({ description: `${description}, in MB` });
const count = () => z.int().min(0);

export const route = defineRoute("GET /memory", {
  summary: "Memory and operation counts of this process",
  tag: "Operations",
  responses: {
    200: {
      description: "The numbers since the process started",
      schema: z.object({
        alloc_mb: megabytes("Heap in use"),
        total_alloc_mb: megabytes("Heap growth added up over time, a lower bound of all that was allocated"),
        sys_mb: megabytes("Resident memory"),
        num_gc: count().meta({ description: "Garbage collections noticed" }),
        requests_processed: count(),
        read_operations: count().meta({
          description: "Requests answered to GET routes",
        }),
        write_operations: count().meta({
          description: "Requests answered to other routes",
        }),
        dynamodb_reads: count().meta({ description: "DynamoDB read calls" }),
        dynamodb_writes: count().meta({ description: "DynamoDB write calls" }),
        redis_hits: count(),
        redis_misses: count(),
        redis_writes: count(),
      }),
    },
  },
});

export const handler = endpoint(route, (_input, shop) => {
  const { hits, misses, writes } = shop.products.cache.stats.l2;
  const redis = shop.products.isRedisUp ? { hits, misses, writes } : { hits: 0, misses: 0, writes: 0 };
  return jsonResult(200, {
    ...readHeap(),
    ...countOperations(shop),
    redis_hits: redis.hits,
    redis_misses: redis.misses,
    redis_writes: redis.writes,
  });
});
