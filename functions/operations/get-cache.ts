import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import { cacheStateOf, cacheStateSchema } from "./cache-state.ts";

export const route = defineRoute("GET /cache", {
  summary: "The cache of this process, since it started",
  tag: "Operations",
  responses: { 200: { description: "Mode and counts", schema: cacheStateSchema } },
});

export const handler = endpoint(route, (_input, shop) => jsonResult(200, cacheStateOf(shop)));
