import { CONTENT_TYPES, exposition, formatFor } from "../../core/telemetry/openmetrics.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { RequestError } from "../middleware/request-error.ts";

export const route = defineRoute("GET /metrics", {
  summary: "Metrics of this process for Prometheus",
  description: "Where `PROMETHEUS` is `on`; else 404. OpenMetrics to those that accept it.",
  tag: "Operations",
  responses: {
    200: {
      description: "Every declared metric since the process started",
      contentTypes: Object.values(CONTENT_TYPES),
    },
  },
  failures: ["ROUTE_NOT_FOUND"],
});

export const handler = endpoint(route, (_input, shop, event) => {
  if (!shop.config.telemetry.prometheus) throw new RequestError("ROUTE_NOT_FOUND");
  const format = formatFor(event.headers.accept);
  return {
    statusCode: 200,
    headers: { "content-type": CONTENT_TYPES[format], "cache-control": "no-store", vary: "accept" },
    body: exposition(shop.metrics.totals(), format),
  };
});
