import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
} from "cockatiel";
import { type FailureWindow, openFailureWindow } from "./failure-window.ts";

/** Each with the reason for its value in docs/resilience.md. Durations in milliseconds, ratios from 0 to 1. */
export const CIRCUIT_SETTINGS = {
  /** Share of failures in the window from which the circuit opens. */
  failureRatio: 0.5,
  window: 1_500,
  /** Calls in the window below which nothing is concluded. */
  minimumCalls: 5,
  /** First pause before a probe; doubles with each probe that fails, to the maximum. */
  probeAfter: 1_000,
  probeAfterMax: 3_000,
  /** Calls let through at once after the first probe succeeded; doubles with each success until it is full. */
  rampStart: 1,
  rampFull: 64,
} as const;

export type CircuitStateName = "closed" | "open" | "half_open";

/** The circuit let the call not through. Never worth a retry before its time. */
export class CircuitOpenError extends Error {
  override readonly name = "CircuitOpenError";
  readonly retryAfterSeconds: number;

  constructor(name: string, retryAfterSeconds: number) {
    super(`The circuit of ${name} is open`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export type CircuitSettings = Readonly<Record<keyof typeof CIRCUIT_SETTINGS, number>>;

export interface CircuitOptions {
  readonly name: string;
  /** Settings of one circuit that differ from the common ones. */
  readonly settings?: Partial<CircuitSettings>;
  /** Whether an error says that the dependency is in trouble, rather than the call. */
  readonly isFailure: (error: unknown) => boolean;
  readonly onStateChange?: (state: CircuitStateName) => void;
  readonly onRejected?: () => void;
}

export type Circuit = ReturnType<typeof openCircuit>;

/** The caller's own deadline passed. */
export const isCalledOff = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

/**
 * A circuit breaker over the ratio of failures in a sliding window. While it is open, and while a probe is
 * under way, callers are refused at once. After a probe has succeeded, traffic is let through step by step:
 * a dependency that has just come back must not be buried by all that waited for it.
 */
export const openCircuit = ({ name, settings, isFailure, onStateChange, onRejected }: CircuitOptions) => {
  const set: CircuitSettings = { ...CIRCUIT_SETTINGS, ...settings };
  const totals = { requests: 0, failures: 0, rejected: 0 };
  let lastFailure: { at: string; message: string } | undefined;
  let openedAt = 0;
  let pause = set.probeAfter;
  let doorProbeUntil = 0;
  /** Calls let through at once while traffic grows back; undefined when all are. */
  let ramp: number | undefined;
  let underWay = 0;
  /** Counts how often it opened: a call that began before says nothing of what came after. */
  let openings = 0;
  const outdated = new WeakSet<object>();
  let sampling: FailureWindow;
  let breaker: CircuitBreakerPolicy = build();

  function build(): CircuitBreakerPolicy {
    const { probeAfter, probeAfterMax } = set;
    sampling = openFailureWindow(set);
    const speaksAgainst = (error: unknown): boolean => {
      if (error instanceof Error && outdated.has(error)) return false;
      // A probe that was called off has not shown that all is well.
      return isFailure(error) || (policy.state === CircuitState.HalfOpen && isCalledOff(error));
    };
    const policy: CircuitBreakerPolicy = circuitBreaker(handleWhen(speaksAgainst), {
      halfOpenAfter: new ExponentialBackoff({
        initialDelay: probeAfter,
        maxDelay: probeAfterMax,
        generator: (before: number | undefined) => {
          const attempt = before ?? 0;
          const next = Math.min(probeAfterMax, probeAfter * 2 ** attempt);
          if (isCurrent()) pause = next;
          return [next, attempt + 1];
        },
      }),
      breaker: sampling,
    });
    // Calls that outlive a reset end in the breaker they began in, which has no say any more.
    const isCurrent = (): boolean => policy === breaker;
    policy.onBreak(() => {
      if (!isCurrent()) return;
      openedAt = Date.now();
      openings += 1;
      ramp = undefined;
    });
    policy.onReset(() => {
      if (isCurrent()) ramp = set.rampStart;
    });
    policy.onStateChange((state) => {
      if (isCurrent()) onStateChange?.(state === CircuitState.Closed ? "half_open" : NAMES[state]);
    });
    return policy;
  }

  const state = (): CircuitStateName => (ramp === undefined ? NAMES[breaker.state] : "half_open");

  const waitLeft = (): number => Math.max(0, openedAt + pause - Date.now());

  const reject = (): never => {
    totals.rejected += 1;
    onRejected?.();
    throw new CircuitOpenError(name, Math.max(1, Math.ceil(waitLeft() / 1_000)));
  };

  const grow = (): void => {
    if (ramp === undefined) return;
    ramp *= 2;
    if (ramp < set.rampFull) return;
    ramp = undefined;
    onStateChange?.("closed");
  };

  const note = (error: unknown): void => {
    if (!isFailure(error)) return;
    totals.failures += 1;
    lastFailure = {
      at: new Date().toISOString(),
      message: error instanceof Error ? error.message : String(error),
    };
  };

  return {
    name,
    state,

    /**
     * Calls the dependency, unless the circuit is open.
     *
     * @throws CircuitOpenError at once when it is
     */
    async execute<T>(work: () => Promise<T>): Promise<T> {
      // The breaker itself would let callers wait for the probe.
      if (breaker.state === CircuitState.HalfOpen) return reject();
      if (ramp !== undefined && underWay >= ramp) return reject();
      underWay += 1;
      const begunAfter = openings;
      try {
        const result = await breaker.execute(async () => {
          try {
            return await work();
          } catch (error) {
            if (openings !== begunAfter && error instanceof Error) outdated.add(error);
            throw error;
          }
        });
        totals.requests += 1;
        grow();
        return result;
      } catch (error) {
        if (error instanceof BrokenCircuitError) return reject();
        totals.requests += 1;
        note(error);
        throw error;
      } finally {
        underWay -= 1;
      }
    },

    /**
     * Whether work that leads to a call should be begun: always while closed; once open, for one caller a
     * second when it is time for a probe, for nobody while that is under way, and then for as many as are let
     * through at once.
     */
    admits(): boolean {
      if (breaker.state === CircuitState.HalfOpen) return false;
      if (ramp !== undefined) return underWay < ramp;
      if (breaker.state === CircuitState.Closed) return true;
      if (waitLeft() > 0 || Date.now() < doorProbeUntil) return false;
      doorProbeUntil = Date.now() + 1_000;
      return true;
    },

    /** Seconds until the next probe, at least 1. */
    retryAfterSeconds: (): number => Math.max(1, Math.ceil(waitLeft() / 1_000)),

    /** Closes the circuit and forgets the window, and that it ever was open. */
    reset(): void {
      breaker = build();
      openedAt = 0;
      pause = set.probeAfter;
      ramp = undefined;
      doorProbeUntil = 0;
      onStateChange?.("closed");
    },

    stats: () => ({
      name,
      state: state(),
      ...sampling.counts(),
      total_requests: totals.requests,
      total_failures: totals.failures,
      total_rejected: totals.rejected,
      last_failure: lastFailure?.at ?? null,
      last_error: lastFailure?.message ?? null,
    }),
  };
};

const NAMES: Readonly<Record<CircuitState, CircuitStateName>> = {
  [CircuitState.Closed]: "closed",
  [CircuitState.Open]: "open",
  [CircuitState.HalfOpen]: "half_open",
  [CircuitState.Isolated]: "open",
};
