import { z } from "zod";
import { SERVICES, type Service } from "../../core/resilience/services.ts";
import type { Shop } from "../../core/shop.ts";
import { defineRoute } from "../http/route.ts";
import { audited } from "../middleware/audit.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import { circuitStateSchema } from "./service-path.ts";

const targetSchema = z.enum([...SERVICES, "all"]).meta({ description: "A dependency, or all of them" });

export const route = defineRoute("POST /resilience/reset/{service}", {
  summary: "Close a circuit breaker by hand",
  description:
    "In every process that Redis reaches. An injected fault stays, since `POST /resilience/simulate/{service}` is its switch, and opens the circuit again; the message names it.",
  tag: "Resilience",
  request: { path: z.object({ service: targetSchema }) },
  responses: {
    200: {
      description: "Closed",
      schema: z.object({
        service: targetSchema,
        message: z.string().meta({ example: "The circuit of payment is closed, everywhere" }),
        new_state: circuitStateSchema,
      }),
    },
  },
});

export const handler = endpoint(route, async ({ path: { service } }, shop) => {
  const services = service === "all" ? SERVICES : [service];
  const isShared = await audited(
    shop,
    {
      action: "circuit.reset",
      target: service,
      look: () => services.map((name) => shop.resilience.circuits[name].state()),
    },
    () => shared(shop, services),
  );
  const what = service === "all" ? "All circuits are" : `The circuit of ${service} is`;
  const where = isShared ? "everywhere" : "in this process only: the others could not be reached";
  const broken = services.filter((name) => shop.resilience.faults.current(name));
  const again = broken.length > 0 ? `; the fault injected into ${broken.join(", ")} is still in place` : "";
  return jsonResult(200, { service, message: `${what} closed, ${where}${again}`, new_state: "closed" });
});

/** Closes the circuits here in any case; returns whether the other processes received it. */
const shared = async (shop: Shop, services: readonly Service[]): Promise<boolean> => {
  for (const name of services) shop.resilience.circuits[name].reset();
  try {
    for (const name of services) await shop.products.bus.publish({ type: "reset", service: name });
    return true;
  } catch (error) {
    shop.log.warn("a reset reached this process only", error as Error);
    return false;
  }
};
