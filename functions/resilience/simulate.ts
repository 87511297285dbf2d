import { z } from "zod";
import { DomainError } from "../../core/errors.ts";
import { FAULT_KINDS, type Fault, MAX_FAULT_LATENCY_MS, MAX_FAULT_MS } from "../../core/resilience/faults.ts";
import type { Service } from "../../core/resilience/services.ts";
import type { Shop } from "../../core/shop.ts";
import { defineRoute } from "../http/route.ts";
import { audited } from "../middleware/audit.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { jsonResult } from "../middleware/result.ts";
import { serviceSchema } from "./service-path.ts";

const DEFAULT_TTL_SECONDS = 300;

const bodySchema = z
  .strictObject({
    enable: z.boolean(),
    failure_rate: z.number().min(0).max(1).optional().meta({
      description: "Share of the calls that fail; 1 unless only a latency is asked for",
      example: 0.5,
    }),
    latency_ms: z.int().min(0).max(MAX_FAULT_LATENCY_MS).default(0).meta({ description: "Added to calls" }),
    latency_rate: z.number().min(0).max(1).optional().meta({
      description: "Share of the calls that the latency is added to; all unless given",
    }),
    flap_ms: z.int().min(1).max(MAX_FAULT_MS).optional().meta({
      description: "For so long the fault is in force, and then is not, by turns",
    }),
    kind: z.enum(FAULT_KINDS).default("error").meta({
      description:
        "How calls fail: at once, by never answering, by being throttled, or (payment) by a decline, which is no outage",
    }),
    only_here: z.boolean().default(false).meta({
      description: "In the process that answers only, as if it alone were cut off",
    }),
    ttl_secs: z
      .int()
      .min(1)
      .max(MAX_FAULT_MS / 1_000)
      .default(DEFAULT_TTL_SECONDS)
      .meta({
        description: "After which the fault ends by itself",
      }),
  })
  .meta({ id: "FaultRequest" });

export const route = defineRoute("POST /resilience/simulate/{service}", {
  summary: "Break a dependency on purpose, or mend it",
  description:
    "In every process that Redis reaches, and in those that are cut off from it once they are back. Only where the environment has FAULTS=on.",
  tag: "Resilience",
  request: { path: z.object({ service: serviceSchema }), body: bodySchema },
  responses: {
    200: {
      description: "The fault that is now in place",
      schema: z.object({
        service: serviceSchema,
        enabled: z.boolean(),
        message: z.string().meta({ example: "payment is broken now, everywhere" }),
        failure_rate: z.number(),
        latency_ms: z.int(),
        expires_at: z.iso.datetime().meta({ example: "2026-11-22T14:57:29.630Z" }).nullable(),
      }),
    },
  },
  failures: ["FAULTS_DISABLED"],
});

export const handler = endpoint(route, async ({ path: { service }, body }, shop) => {
  if (!shop.resilience.faults.isEnabled) {
    throw new DomainError("FAULTS_DISABLED", "Faults can't be injected here: FAULTS is off");
  }
  const fault: Fault | undefined = body.enable
    ? {
        failureRate: body.failure_rate ?? (body.latency_ms > 0 ? 0 : 1),
        latencyMs: body.latency_ms,
        latencyRate: body.latency_rate,
        flapMs: body.flap_ms,
        kind: body.kind,
        expiresAt: shop.now() + body.ttl_secs * 1_000,
      }
    : undefined;
  const where = await audited(
    shop,
    { action: "fault.set", target: service, look: () => shop.resilience.faults.current(service) },
    async () => (body.only_here ? hereOnly(shop, service, fault) : everywhere(shop, service, fault)),
  );
  return jsonResult(200, {
    service,
    enabled: fault !== undefined,
    message: fault ? `${service} is broken now, ${where}` : `${service} is whole again, ${where}`,
    failure_rate: fault?.failureRate ?? 0,
    latency_ms: fault?.latencyMs ?? 0,
    expires_at: fault ? new Date(fault.expiresAt).toISOString() : null,
  });
});

const hereOnly = ({ resilience }: Shop, service: Service, fault: Fault | undefined): string => {
  resilience.faults.set(service, fault);
  return "in this process";
};

const everywhere = async (
  { faultSharing }: Shop,
  service: Service,
  fault: Fault | undefined,
): Promise<string> =>
  (await faultSharing.share(service, fault))
    ? "everywhere"
    : "in this process only: the others can't be reached before Redis is back";
