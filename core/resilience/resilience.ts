import type { Logger } from "@aws-lambda-powertools/logger";
import type { MetricRecorder } from "../telemetry/recorder.ts";
import { openAdmission } from "./admission.ts";
import { type Circuit, type CircuitSettings, type CircuitStateName, openCircuit } from "./circuit.ts";
import { openFaults } from "./faults.ts";
import { openNoCircuit } from "./no-circuit.ts";
import { NO_OBJECTIVES, type Objectives } from "./priorities.ts";
import { SERVICES, type Service } from "./services.ts";

/**
 * `off`: no circuits, no retries, no limits; `retries` and `breakers`: no more than these and the limits. Faults can be
 * injected in all of them. To measure what each is worth.
 */
export const RESILIENCE_MODES = ["on", "off", "retries", "breakers"] as const;
export type ResilienceMode = (typeof RESILIENCE_MODES)[number];

export interface ResilienceOptions {
  readonly mode: ResilienceMode;
  readonly objectives: Objectives;
  readonly faultsEnabled: boolean;
  readonly circuit: CircuitSettings;
  readonly metrics: MetricRecorder;
  readonly log: Logger;
  readonly now: () => number;
  /** Whether an error of a service says that the service is in trouble, rather than the call. */
  readonly isFailure: Readonly<Record<Service, (error: unknown) => boolean>>;
}

/** @param isHearsay whether the circuit opened on the word of another process */
export type CircuitListener = (service: Service, state: CircuitStateName, isHearsay: boolean) => void;

export type Resilience = ReturnType<typeof openResilience>;

const STATE_VALUE = { closed: 0, half_open: 0.5, open: 1 } as const;

/** The circuits of the shop's dependencies, the faults injected into them, and the admission of requests. */
export const openResilience = (options: ResilienceOptions) => {
  const { mode, objectives, faultsEnabled, circuit, metrics, log, now, isFailure } = options;
  const has = {
    breakers: mode === "on" || mode === "breakers",
    retries: mode === "on" || mode === "retries",
    limits: mode !== "off",
  };
  if (mode === "off") log.warn("RESILIENCE is off: no circuit breakers, no retries, nothing is shed");
  else if (mode !== "on") log.warn(`RESILIENCE is ${mode}: only ${mode} and limits are on`);
  // Redis may get little more than a heartbeat each 150 ms: six of them that fail take 0.9 s.
  const settingsOf: Readonly<Partial<Record<Service, CircuitSettings>>> = {
    redis: { ...circuit, failures: Math.min(circuit.failures, 6) },
  };
  const listeners: CircuitListener[] = [];
  const open = (name: Service): Circuit =>
    (has.breakers ? openCircuit : openNoCircuit)({
      name,
      settings: settingsOf[name] ?? circuit,
      isFailure: isFailure[name],
      onStateChange: (state, isHearsay) => {
        for (const listener of listeners) listener(name, state, isHearsay);
        log[state === "open" ? "warn" : "info"]("circuit", { dependency: name, state });
        metrics.add("CircuitChanges", 1, name);
      },
      onRejected: () => metrics.add("CircuitRejections", 1, name),
    });
  const circuits: Readonly<Record<Service, Circuit>> = {
    dynamodb: open("dynamodb"),
    redis: open("redis"),
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
  const admission = openAdmission(has.limits ? objectives : NO_OBJECTIVES);
  metrics.onPublish(() => {
    metrics.observe("EventLoopDelay", admission.stats().loop_delay_ms);
  });
  return {
    has,
    circuits,
    faults,
    admission,
    onCircuit: (listener: CircuitListener): void => {
      listeners.push(listener);
    },
  };
};
