import type { Logger } from "@aws-lambda-powertools/logger";
import type { MetricRecorder } from "../telemetry/recorder.ts";
import { NO_QUEUE, openAdmissionQueue, QUEUE_SETTINGS } from "./admission-queue.ts";
import { type Circuit, type CircuitSettings, openCircuit } from "./circuit.ts";
import { openFaults } from "./faults.ts";
import { LIMITER_SETTINGS, NO_LIMIT, openLimiter } from "./limiter.ts";
import { openNoCircuit } from "./no-circuit.ts";
import { SERVICES, type Service } from "./services.ts";

export interface ResilienceOptions {
  /** Off: no circuits, no retries, no limits; faults can be injected all the same. */
  readonly isOn: boolean;
  readonly faultsEnabled: boolean;
  /** Of all circuits, but for Redis's probes. */
  readonly circuit: CircuitSettings;
  readonly metrics: MetricRecorder;
  readonly log: Logger;
  readonly now: () => number;
  /** Whether an error of a service says that the service is in trouble, rather than the call. */
  readonly isFailure: Readonly<Record<Service, (error: unknown) => boolean>>;
}

export type Resilience = ReturnType<typeof openResilience>;

/** Heartbeats probe Redis, so that no customer has to: they may ask more often. */
export const REDIS_CIRCUIT = { probeAfter: 500, probeAfterMax: 500 } as const;

const STATE_VALUE = { closed: 0, half_open: 0.5, open: 1 } as const;

/** The circuits of the shop's dependencies, the faults injected into them, and the limit on work in flight. */
export const openResilience = (options: ResilienceOptions) => {
  const { isOn, faultsEnabled, circuit, metrics, log, now, isFailure } = options;
  if (!isOn) log.warn("RESILIENCE is off: no circuit breakers, no retries, no limits");
  const open = (name: Service, settings: Partial<CircuitSettings> = {}): Circuit =>
    (isOn ? openCircuit : openNoCircuit)({
      name,
      settings: { ...circuit, ...settings },
      isFailure: isFailure[name],
      onStateChange: (state) => {
        log[state === "open" ? "warn" : "info"]("circuit", { dependency: name, state });
        metrics.add("CircuitChanges", 1, name);
      },
      onRejected: () => metrics.add("CircuitRejections", 1, name),
    });
  const circuits: Readonly<Record<Service, Circuit>> = {
    dynamodb: open("dynamodb"),
    redis: open("redis", REDIS_CIRCUIT),
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
  const limiter = openLimiter(undefined, isOn ? LIMITER_SETTINGS : NO_LIMIT);
  const queue = openAdmissionQueue(undefined, isOn ? QUEUE_SETTINGS : NO_QUEUE);
  metrics.onPublish(() => {
    const { limit, loop_delay_ms } = limiter.stats();
    metrics.observe("ConcurrencyLimit", limit);
    metrics.observe("EventLoopDelay", loop_delay_ms);
  });
  return { isOn, circuits, faults, limiter, queue };
};
