import type { Logger } from "@aws-lambda-powertools/logger";
import type { MetricRecorder } from "../telemetry/recorder.ts";
import { openAdmission } from "./admission.ts";
import { type Circuit, type CircuitSettings, openCircuit } from "./circuit.ts";
import { openFaults } from "./faults.ts";
import { openNoCircuit } from "./no-circuit.ts";
import { NO_OBJECTIVES, type Objectives } from "./priorities.ts";
import { SERVICES, type Service } from "./services.ts";

export interface ResilienceOptions {
  /** Off: no circuits, no retries, no limits; faults can be injected all the same. */
  readonly isOn: boolean;
  readonly objectives: Objectives;
  readonly faultsEnabled: boolean;
  /** Of all circuits; some are probed sooner ({@link PROBE_PAUSES}). */
  readonly circuit: CircuitSettings;
  readonly metrics: MetricRecorder;
  readonly log: Logger;
  readonly now: () => number;
  /** Whether an error of a service says that the service is in trouble, rather than the call. */
  readonly isFailure: Readonly<Record<Service, (error: unknown) => boolean>>;
}

export type Resilience = ReturnType<typeof openResilience>;

/**
 * The longest pauses before a probe, in milliseconds, where they are shorter than for all. Heartbeats probe Redis, so
 * that no customer has to; a probe of DynamoDB costs one customer an answer that nobody would have got. One of
 * the payment service costs an order that waits to be paid.
 */
export const PROBE_PAUSES = {
  dynamodb: { first: 500, longest: 1_000 },
  redis: { first: 500, longest: 500 },
} as const;

const STATE_VALUE = { closed: 0, half_open: 0.5, open: 1 } as const;

/** The circuits of the shop's dependencies, the faults injected into them, and the admission of requests. */
export const openResilience = (options: ResilienceOptions) => {
  const { isOn, objectives, faultsEnabled, circuit, metrics, log, now, isFailure } = options;
  if (!isOn) log.warn("RESILIENCE is off: no circuit breakers, no retries, nothing is shed");
  const open = (name: Service, pause?: { first: number; longest: number }): Circuit =>
    (isOn ? openCircuit : openNoCircuit)({
      name,
      settings: {
        ...circuit,
        probeAfter: Math.min(circuit.probeAfter, pause?.first ?? circuit.probeAfter),
        probeAfterMax: Math.min(circuit.probeAfterMax, pause?.longest ?? circuit.probeAfterMax),
      },
      isFailure: isFailure[name],
      onStateChange: (state) => {
        log[state === "open" ? "warn" : "info"]("circuit", { dependency: name, state });
        metrics.add("CircuitChanges", 1, name);
      },
      onRejected: () => metrics.add("CircuitRejections", 1, name),
    });
  const circuits: Readonly<Record<Service, Circuit>> = {
    dynamodb: open("dynamodb", PROBE_PAUSES.dynamodb),
    redis: open("redis", PROBE_PAUSES.redis),
    payment: open("payment"),
  };
  metrics.onPublish(() => {
    for (const name of SERVICES) metrics.observe("CircuitState", STATE_VALUE[circuits[name].state()], name);
  });
  const faults = openFaults({
    isEnabled: faultsEnabled,
    now,
    onInjected: (service) => metrics.add("FaultsInjected", 1, service),
  });
  const admission = openAdmission(isOn ? objectives : NO_OBJECTIVES);
  metrics.onPublish(() => {
    metrics.observe("EventLoopDelay", admission.stats().loop_delay_ms);
  });
  return { isOn, circuits, faults, admission };
};
