import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { SERVICES, type Service } from "./services.ts";

export const FAULT_KINDS = ["error", "hang", "throttle", "decline"] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A temporary fault of a dependency. */
export interface Fault {
  /** Share of the calls that fail, from 0 to 1. */
  readonly failureRate: number;
  /** Milliseconds added to calls. */
  readonly latencyMs: number;
  /** Share of the calls that the latency is added to, from 0 to 1; all unless given. */
  readonly latencyRate?: number | undefined;
  /** Milliseconds for which it is in force, and then is not, by turns; in force all the time unless given. */
  readonly flapMs?: number | undefined;
  /** How calls fail: with an error at once, by never answering, by being throttled, or, of payment, by a decline. */
  readonly kind: FaultKind;
  /** Epoch milliseconds at which it ends by itself, so that no fault is left on by mistake. */
  readonly expiresAt: number;
}

/** The longest that a fault may last, in milliseconds. */
export const MAX_FAULT_MS = 3_600_000;

/** The longest latency that a fault may add to a call, in milliseconds. */
export const MAX_FAULT_LATENCY_MS = 60_000;

/** A setting as it comes from Redis: from another process, perhaps of another version, or from anybody. */
export const faultSettingSchema = z.object({
  fault: z
    .object({
      failureRate: z.number().min(0).max(1),
      latencyMs: z.number().min(0).max(MAX_FAULT_LATENCY_MS),
      latencyRate: z.number().min(0).max(1).optional(),
      flapMs: z.int().min(1).max(MAX_FAULT_MS).optional(),
      kind: z.enum(FAULT_KINDS),
      expiresAt: z.int().min(0),
    })
    .nullable(),
  /** Epoch milliseconds, and later than any setting that was known to the process. */
  at: z.int().min(0),
  /** The process, to tell apart what was set in the same millisecond. */
  by: z.string().max(100),
});

/** A fault, or that there is none any more, as one process has settled it for all. */
export type FaultSetting = Readonly<z.infer<typeof faultSettingSchema>>;

/** Whether a setting holds rather than another: the later one does, in every process alike. */
export const supersedes = (setting: FaultSetting, other: FaultSetting | undefined): boolean =>
  !other || setting.at > other.at || (setting.at === other.at && setting.by > other.by);

/** A failure that was injected. */
export class InjectedFaultError extends Error {
  override readonly name = "InjectedFaultError";
  readonly kind: FaultKind;

  constructor(service: Service, kind: FaultKind) {
    super(`Injected fault: ${service} ${kind === "throttle" ? "throttles" : "fails"}`);
    this.kind = kind;
  }
}

export interface FaultsOptions {
  /** Whether anything may be injected at all. */
  readonly isEnabled: boolean;
  readonly now: () => number;
  readonly onInjected?: (service: Service) => void;
}

export type Faults = ReturnType<typeof openFaults>;

/** The faults now injected into the shop's dependencies, at the ports: the real calls are not made. */
export const openFaults = ({ isEnabled, now, onInjected }: FaultsOptions) => {
  const faults = new Map<Service, Fault>();

  const current = (service: Service): Fault | undefined => {
    const fault = faults.get(service);
    if (fault && fault.expiresAt <= now()) faults.delete(service);
    return faults.get(service);
  };

  /** Flapping is by the clock, so that all processes flap together. */
  const isInForce = ({ flapMs }: Fault): boolean => !flapMs || Math.floor(now() / flapMs) % 2 === 0;

  const strike = async (service: Service, fault: Fault, patience: number, signal?: AbortSignal) => {
    onInjected?.(service);
    const fails = Math.random() < fault.failureRate;
    const latency = Math.random() < (fault.latencyRate ?? 1) ? fault.latencyMs : 0;
    const wait = latency + (fails && fault.kind === "hang" ? Number.POSITIVE_INFINITY : 0);
    // The real call would be given up after its timeout, so this one is.
    if (wait > 0) await sleep(Math.min(wait, patience), undefined, signal && { signal });
    if (fails || wait >= patience) throw new InjectedFaultError(service, fault.kind);
  };

  return {
    isEnabled,
    current,
    /** Puts a fault in place, or takes it away. Does nothing where faults are not enabled. */
    set(service: Service, fault: Fault | undefined): void {
      if (!isEnabled) return;
      if (fault) faults.set(service, fault);
      else faults.delete(service);
    },
    /**
     * To be awaited before each call of a dependency. Undefined, so that nothing need be awaited, while all is well.
     *
     * @param patience milliseconds after which the real call would be given up
     * @throws InjectedFaultError, or an AbortError when the signal ends the wait
     */
    before(service: Service, patience: number, signal?: AbortSignal): Promise<void> | undefined {
      if (faults.size === 0) return undefined;
      const fault = current(service);
      return fault && isInForce(fault) ? strike(service, fault, patience, signal) : undefined;
    },
    all: (): Partial<Record<Service, Fault>> =>
      Object.fromEntries(SERVICES.flatMap((service) => [[service, current(service)]])),
  };
};
