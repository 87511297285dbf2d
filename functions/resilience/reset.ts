import { z } from "zod";
import { SERVICES } from "../../core/resilience/services.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import { defineRoute } from "../router/route.ts";
import { circuitStateSchema } from "./service-path.ts";

const targetSchema = z.enum([...SERVICES, "all"]).meta({ description: "A dependency, or all of them" });

export const route = defineRoute({
  method: "POST",
  path: "/resilience/reset/{service}",
  summary: "Close a circuit breaker by hand",
  description: "In every process that Redis reaches. A fault that is still in place will open it again.",
  tag: "Resilience",
  admin: true,
  request: { path: z.object({ service: targetSchema }) },
  responses: {
    200: {
      description: "Closed",
      schema: z.object({
        service: targetSchema,
        message: z.string().meta({ example: "The circuit of payment is closed" }),
        new_state: circuitStateSchema,
      }),
    },
  },
});

export const handler = endpoint(route, async ({ path: { service } }, shop) => {
  for (const name of service === "all" ? SERVICES : [service]) {
    shop.resilience.circuits[name].reset();
    // The others are told where they can be; this process's circuit is closed either way.
    await shop.products.bus.publish({ type: "reset", service: name }).catch(() => undefined);
  }
  const what = service === "all" ? "All circuits are" : `The circuit of ${service} is`;
  return jsonResult(200, { service, message: `${what} closed`, new_state: "closed" });
});
