export interface HotKey {
  readonly key: number;
  /** Reads counted, halved every interval: an estimate that may be too high, never too low. */
  readonly reads: number;
}

/** One read in this number counts for all of them: counting a cold key costs more than reading a hot one. */
const SAMPLED = 8;

/** Counted beside those asked for: the more, the fewer cold keys are mistaken for hot ones. */
const CAPACITY = 256;

/**
 * Finds the keys that are read most, in bounded memory. A key that is not among the counted takes the place
 * of the least counted and inherits its count, so that a truly hot key is never missed.
 * Source: Space-Saving, in A. Metwally, D. Agrawal, A. El Abbadi, "Efficient Computation of Frequent and
 * Top-k Elements in Data Streams", ICDT 2005. Counts decay by halves, so that yesterday's news goes.
 */
export const openHotKeys = (capacity = CAPACITY) => {
  const counts = new Map<number, number>();
  let reads = 0;

  /** Keys that had the least count when it was last looked for, and that count; counts only grow in between. */
  let candidates: number[] = [];
  let least = 0;

  /** A key with the least count. Looks through all counts only when the candidates are used up. */
  const leastCounted = (): number => {
    for (let key = candidates.pop(); key !== undefined; key = candidates.pop()) {
      if (counts.get(key) === least) return key;
    }
    least = Math.min(...counts.values());
    for (const [key, count] of counts) if (count === least) candidates.push(key);
    return candidates.pop() ?? 0;
  };

  return {
    touch(key: number): void {
      reads += 1;
      if (reads % SAMPLED !== 0) return;
      const count = counts.get(key);
      if (count !== undefined) counts.set(key, count + SAMPLED);
      else if (counts.size < capacity) counts.set(key, SAMPLED);
      else {
        counts.delete(leastCounted());
        counts.set(key, least + SAMPLED);
      }
    },
    /** Halves every count; those that reach zero go. */
    decay(): void {
      candidates = [];
      for (const [key, count] of counts) {
        if (count < 2 * SAMPLED) counts.delete(key);
        else counts.set(key, Math.floor(count / 2));
      }
    },
    /** The most counted, most first; only those counted at least `threshold` times. */
    top(limit: number, threshold = 1): HotKey[] {
      return [...counts]
        .map(([key, reads]) => ({ key, reads }))
        .filter(({ reads }) => reads >= threshold)
        .sort((a, b) => b.reads - a.reads || a.key - b.key)
        .slice(0, limit);
    },
  };
};

export type HotKeys = ReturnType<typeof openHotKeys>;
