import { CircuitState, type IBreaker } from "cockatiel";

const BUCKETS = 10;

export interface FailureWindowSettings {
  /** Milliseconds that are looked back on, to a tenth of them. */
  readonly window: number;
  /** Share of failures above which a circuit is to open, from 0 to 1. */
  readonly failureRatio: number;
  /** Calls in the window below which nothing is concluded. */
  readonly minimumCalls: number;
}

export interface FailureWindow extends IBreaker {
  readonly counts: () => { readonly failures: number; readonly successes: number };
}

/**
 * Tells a circuit when to open, by the calls of a sliding window of time. The library's own window moves by the
 * calls that come: in quiet times it looks back on minutes.
 */
export const openFailureWindow = ({
  window,
  failureRatio,
  minimumCalls,
}: FailureWindowSettings): FailureWindow => {
  let buckets: { readonly number: number; failures: number; successes: number }[] = [];

  const present = (): number => Math.floor((Date.now() * BUCKETS) / window);

  const push = (outcome: "failures" | "successes"): void => {
    const number = present();
    let last = buckets.at(-1);
    if (last?.number !== number) {
      last = { number, failures: 0, successes: 0 };
      buckets = [...buckets.filter((bucket) => bucket.number > number - BUCKETS), last];
    }
    last[outcome] += 1;
  };

  const counts = () => {
    const oldest = present() - BUCKETS;
    let [failures, successes] = [0, 0];
    for (const bucket of buckets) {
      if (bucket.number <= oldest) continue;
      failures += bucket.failures;
      successes += bucket.successes;
    }
    return { failures, successes };
  };

  return {
    state: undefined, // Nothing to keep beyond the process.
    counts,
    success(state) {
      if (state === CircuitState.HalfOpen) buckets = [];
      push("successes");
    },
    failure(state) {
      push("failures");
      if (state !== CircuitState.Closed) return true;
      const { failures, successes } = counts();
      const total = failures + successes;
      return total >= minimumCalls && failures > failureRatio * total;
    },
  };
};
