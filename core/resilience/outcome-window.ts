const BUCKETS = 10;
/** The number of a bucket that holds nothing: before all others. */
const EMPTY = Number.NEGATIVE_INFINITY;

/** Counts the outcomes of the last milliseconds, to a tenth of them. Allocates nothing per call. */
export const openOutcomeWindow = (window: number) => {
  const numbers = new Float64Array(BUCKETS).fill(EMPTY);
  const successes = new Uint32Array(BUCKETS);
  const failures = new Uint32Array(BUCKETS);

  const bucketAt = (now: number): number => Math.floor((now * BUCKETS) / window);

  return {
    /** @param now by `performance.now()` */
    note(isSuccess: boolean, now: number): void {
      const number = bucketAt(now);
      const at = number % BUCKETS;
      if (numbers[at] !== number) {
        numbers[at] = number;
        successes[at] = 0;
        failures[at] = 0;
      }
      const counts = isSuccess ? successes : failures;
      counts[at] = (counts[at] ?? 0) + 1;
    },
    counts() {
      const oldest = bucketAt(performance.now()) - BUCKETS;
      const sums = { failures: 0, successes: 0 };
      for (let at = 0; at < BUCKETS; at++) {
        if ((numbers[at] ?? EMPTY) <= oldest) continue;
        sums.failures += failures[at] ?? 0;
        sums.successes += successes[at] ?? 0;
      }
      return sums;
    },
    clear(): void {
      numbers.fill(EMPTY);
    },
  };
};
