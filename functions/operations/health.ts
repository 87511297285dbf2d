import { z } from "zod";
import { isSearchReady } from "../../core/catalog/search.ts";
import type { Shop } from "../../core/shop.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import { lifecycle } from "./lifecycle.ts";

const MB = 1024 * 1024;

const details = {
  memory_mb: z.number().meta({ description: "Resident memory", example: 212.4 }),
  dynamodb: z.enum(["up", "down", "unknown"]).meta({ description: "How the last calls went" }),
  redis: z.enum(["up", "down", "off"]).meta({ description: "`off`: no Redis is configured" }),
  search: z.enum(["ready", "building"]),
  event_loop_delay_ms: z.int().min(0).meta({ description: "How late its last check came", example: 0 }),
  uptime_secs: z.number(),
  release: z.string().meta({
    description: "Version that runs: the commit of a deployment",
    example: "3f2c9d1e8b7a6054f3e2d1c0b9a8f7e6d5c4b3a2",
  }),
};

export const route = defineRoute("GET /health", {
  summary: "Whether this process is fit to serve",
  description:
    "Liveness, as a load balancer asks for it. A dependency that is down does not make it unhealthy.",
  tag: "Operations",
  responses: {
    200: {
      description: "Healthy",
      schema: z.object({ status: z.literal("healthy"), ...details }),
    },
    503: {
      description: "Building the search index, warming up, over the memory limit, or shutting down",
      schema: z.object({
        status: z.literal("unhealthy"),
        reason: z.string().meta({ example: "shutting down" }),
        ...details,
      }),
      headers: { "Retry-After": "Seconds" },
    },
  },
});

export const handler = endpoint(route, (_input, shop) => {
  const memory = process.memoryUsage.rss() / MB;
  const facts = {
    memory_mb: Math.round(memory * 10) / 10,
    dynamodb: shop.db.health(),
    redis: redisHealth(shop),
    search: isSearchReady(shop) ? "ready" : "building",
    event_loop_delay_ms: shop.resilience.admission.stats().loop_delay_ms,
    uptime_secs: Math.round((shop.now() - shop.startedAt) / 1000),
    release: shop.config.release,
  };
  const reason = unfitFor(shop, memory);
  return reason
    ? jsonResult(503, { status: "unhealthy", reason, ...facts }, { "retry-after": "5" })
    : jsonResult(200, { status: "healthy", ...facts });
});

const unfitFor = (shop: Shop, memoryMb: number): string | undefined => {
  const limitMb = shop.config.memoryLimitMb;
  if (lifecycle.isDraining) return "shutting down";
  if (lifecycle.needsSearch && !isSearchReady(shop)) return "building the search index";
  if (lifecycle.isWarming) return "warming the cache";
  return memoryMb > limitMb ? `resident memory is over the limit of ${limitMb} MB` : undefined;
};

const redisHealth = ({ products: { isRedisUp } }: Shop): "up" | "down" | "off" => {
  if (!isRedisUp) return "off";
  return isRedisUp() ? "up" : "down";
};
