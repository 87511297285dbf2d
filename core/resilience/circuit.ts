import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  SamplingBreaker,
} from "cockatiel";

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
  /** What is set otherwise than for all. */
  readonly settings?: Partial<CircuitSettings>;
  /** Whether an error says that the dependency is in trouble, rather than the call. */
  readonly isFailure: (error: unknown) => boolean;
  readonly onStateChange?: (state: CircuitStateName) => void;
  readonly onRejected?: () => void;
}

export type Circuit = ReturnType<typeof openCircuit>;

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
  let sampling: SamplingBreaker;
  let breaker: CircuitBreakerPolicy = build();

  function build(): CircuitBreakerPolicy {
    const { failureRatio, window, minimumCalls, probeAfter, probeAfterMax } = set;
    sampling = new SamplingBreaker({
      threshold: failureRatio,
      duration: window,
      minimumRps: (minimumCalls / window) * 1_000,
    });
    const policy = circuitBreaker(handleWhen(isFailure), {
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
      try {
        const result = await breaker.execute(work);
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
     * second when it is time for a probe.
     */
    admits(): boolean {
      if (state() !== "open") return true;
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
      failures: (sampling.state as { currentFailures: number }).currentFailures,
      successes: (sampling.state as { currentSuccesses: number }).currentSuccesses,
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
