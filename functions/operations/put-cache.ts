import { z } from "zod";
import { defineRoute } from "../http/route.ts";
import { audited } from "../middleware/audit.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import { cacheModeSchema, cacheStateOf, cacheStateSchema } from "./cache-state.ts";

export const route = defineRoute("PUT /cache", {
  summary: "Switch the cache's mode",
  description: "In every process that Redis reaches. Memory is emptied, so that each mode starts cold.",
  tag: "Operations",
  request: { body: z.strictObject({ mode: cacheModeSchema }).meta({ id: "CacheSwitch" }) },
  responses: { 200: { description: "Switched", schema: cacheStateSchema } },
});

export const handler = endpoint(route, async ({ body }, shop) => {
  const { cache } = shop.products;
  await audited(shop, { action: "cache.switch", target: "cache", look: () => ({ mode: cache.mode() }) }, () =>
    cache.setMode(body.mode),
  );
  return jsonResult(200, cacheStateOf(shop));
});
