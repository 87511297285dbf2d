// biome-ignore-all lint/style/noExcessiveLinesPerFile: one state machine, whose states know of one another
import { openCallCounts } from "./call-counts.ts";
import { openHangWatch } from "./hang-watch.ts";
import { openProber } from "./prober.ts";

/** Each with the reason for its value in docs/resilience.md. Durations in milliseconds. */
export const CIRCUIT_SETTINGS = {
  /** Failures in a row that open the circuit … */
  failures: 8,
  /** … once nothing has succeeded for this long. */
  silence: 350,
  /** Mean pause between two probes while it is open. */
  probeEvery: 150,
} as const;

/** Failures further apart than this are not in a row. */
const MEMORY_MS = 5_000;
/** Calls let through at a time after the first probe succeeded; doubles with each success until it is full. */
const RAMP = { start: 16, full: 64 } as const;
/** Mean pause between two probes while traffic grows back. */
const RAMP_PROBE_MS = 20;
/** Pause before probes are believed again after they were well and calls were not; doubles, to the maximum. */
const DISTRUST = { first: 250, longest: 2_000 } as const;

/** For the answer to a probe that is there but not read yet, in milliseconds. */
const LAST_LOOK_MS = 2;

export type CircuitStateName = "closed" | "open" | "half_open";

type State =
  | { readonly kind: "closed" }
  /** A successful probe counts from `until` on, by `performance.now()`. */
  | { readonly kind: "open"; readonly until: number }
  /** Traffic grows back; `room` calls may be under way. */
  | { readonly kind: "half_open"; room: number };

const CLOSED: State = { kind: "closed" };

/** A clock that nobody sets: one that is set back would hold a circuit open. */
const now = (): number => performance.now();

/** Thrown when the circuit is open. Do not retry before `retryAfterSeconds`. */
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
  /** Overrides of {@link CIRCUIT_SETTINGS}. */
  readonly settings?: Partial<CircuitSettings>;
  /** Whether an error says that the dependency is in trouble, rather than the call. */
  readonly isFailure: (error: unknown) => boolean;
  /** @param isHearsay whether it opened on the word of another process */
  readonly onStateChange?: (state: CircuitStateName, isHearsay: boolean) => void;
  readonly onRejected?: () => void;
}

export type Circuit = ReturnType<typeof openCircuit>;

/** The caller's own deadline passed. */
export const isCalledOff = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

/**
 * A circuit breaker that opens only when nothing succeeds any more: in a brown-out every refused call could have succeeded,
 * so part of the calls failing is left to retries. While it is open it refuses calls at once and probes by itself. A
 * successful probe lets traffic grow back, so that a dependency that has just returned is not flooded.
 */
export const openCircuit = ({ name, settings, isFailure, onStateChange, onRejected }: CircuitOptions) => {
  const set: CircuitSettings = { ...CIRCUIT_SETTINGS, ...settings };
  const counts = openCallCounts();
  let state: State = CLOSED;
  let underWay = 0;
  /** A call that began before the circuit opened or was reset says nothing of what came after. */
  let epoch = 0;
  let run = { length: 0, lastAt: 0 };
  /** Of the last success, or of the first call after a time without calls. */
  let quietSince = now();
  /** Times it has opened since a call last succeeded. */
  let fruitless = 0;
  const hangs = openHangWatch(set.failures);
  let isChecking = false;

  const move = (next: State, isHearsay = false): void => {
    state = next;
    if (next.kind !== "open") run = { length: 0, lastAt: 0 };
    if (next.kind === "closed") prober.stop();
    else prober.start(next.kind === "open" ? set.probeEvery : Math.min(RAMP_PROBE_MS, set.probeEvery));
    onStateChange?.(next.kind, isHearsay);
  };

  const open = (isHearsay = false): void => {
    epoch += 1;
    const pause = fruitless === 0 ? 0 : Math.min(DISTRUST.longest, DISTRUST.first * 2 ** (fruitless - 1));
    // Another process's word, however often it is given, is no reason to distrust the own probes.
    if (!isHearsay) fruitless += 1;
    move({ kind: "open", until: now() + (isHearsay ? 0 : pause) }, isHearsay);
  };

  const grow = (at: number): void => {
    quietSince = at;
    run.length = 0;
    hangs.forget();
    if (state.kind === "closed") return;
    if (state.kind === "open") {
      if (quietSince >= state.until) move({ kind: "half_open", room: RAMP.start });
      return;
    }
    state.room *= 2;
    if (state.room >= RAMP.full) move(CLOSED);
  };

  const prober = openProber((isWell) => {
    if (isWell) grow(now());
  });

  /** Opens unless a probe is answered: one customer's calls, or slow ones, may hang while the dependency is there. */
  const checkHang = (): void => {
    if (isChecking || !prober.askOnce()) return;
    isChecking = true;
    const since = quietSince;
    const decide = (): void => {
      isChecking = false;
      if (state.kind === "closed" && quietSince === since) open();
    };
    // A loop that was busy runs late timers before it reads the answers that are already there.
    const check = setTimeout(() => setTimeout(decide, LAST_LOOK_MS).unref?.(), hangs.checkMs());
    check.unref?.();
  };

  const succeed = (begunIn: number): void => {
    const at = now();
    counts.success(at);
    if (begunIn !== epoch) return;
    fruitless = 0;
    grow(at);
  };

  const fail = (error: unknown, begunIn: number): void => {
    // A caller that gave up learned nothing; any other error that is no failure is an answer.
    if (isCalledOff(error)) return;
    if (!isFailure(error)) {
      succeed(begunIn);
      return;
    }
    // Calls that are given up as failures open the circuit did not find the reason; where calls hung, theirs is the reason.
    counts.failure(error, begunIn !== epoch && run.length >= set.failures);
    if (begunIn !== epoch || state.kind === "open") return;
    const at = now();
    if (at - run.lastAt > MEMORY_MS) run.length = 0;
    run.length += 1;
    run.lastAt = at;
    if (run.length >= set.failures && at - quietSince >= set.silence) open();
  };

  const retryAfterSeconds = (): number =>
    Math.max(1, state.kind === "open" ? Math.ceil((state.until - now()) / 1_000) : 1);

  const admits = (): boolean => {
    if (state.kind === "closed") return true;
    return state.kind === "half_open" ? underWay < state.room : prober.isOverdue();
  };

  return {
    name,
    state: (): CircuitStateName => state.kind,

    /** Sets the cheap call that finds the dependency back. Where there is none, or it is overdue, a caller's call does. */
    probeBy: prober.use,

    /** Sets when calls seem to hang: it opens then, if a probe is not answered either within the time it has. */
    hangsAfter: hangs.use,

    /**
     * Calls the dependency.
     *
     * @throws CircuitOpenError at once while the circuit is open
     */
    async execute<T>(work: () => Promise<T>): Promise<T> {
      if (state.kind !== "closed") {
        if (!admits()) {
          counts.rejection();
          onRejected?.();
          throw new CircuitOpenError(name, retryAfterSeconds());
        }
        if (state.kind === "open") prober.noteCaller();
      }
      const begunIn = epoch;
      const at = now();
      if (underWay === 0) hangs.forget();
      if (underWay === 0 && run.length === 0) quietSince = at;
      if (state.kind === "closed" && hangs.isSuspicious(at)) checkHang();
      underWay += 1;
      try {
        const result = await work();
        succeed(begunIn);
        return result;
      } catch (error) {
        fail(error, begunIn);
        throw error;
      } finally {
        underWay -= 1;
      }
    },

    /** Whether work that leads to a call should be begun. */
    admits,

    /** Milliseconds since a call or a probe last succeeded. */
    silentFor: (): number => now() - quietSince,

    /** Seconds after which a refused caller may try again, at least 1. */
    retryAfterSeconds,

    /**
     * Believes another process that the dependency is away, unless it has answered here of late. The own probes correct
     * it at once if that is wrong.
     */
    believeOpen(): void {
      if (state.kind === "closed" && now() - quietSince >= set.silence / 2) open(true);
    },

    /** Closes the circuit and forgets that it ever was open. */
    reset(): void {
      epoch += 1;
      fruitless = 0;
      quietSince = now();
      hangs.forget();
      counts.forgetRecent();
      run = { length: 0, lastAt: 0 };
      if (state.kind !== "closed") move(CLOSED);
    },

    stats: () => ({ name, state: state.kind, ...counts.stats() }),
  };
};
