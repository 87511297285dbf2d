import { LRUCache } from "lru-cache";

/** Milliseconds. A transaction holds a counter for some 22 to 80 ms. */
const FIRST_PAUSE = 25;
const MAX_PAUSE = 600;
/** By which a pause shrinks with each group that met nobody: at this rate one in twenty meets somebody. */
const DECAY = 0.965;
const MAX_COUNTERS = 10_000;

export interface Pace {
  /** Whether others have written the counter lately. */
  readonly isShared: (counter: string) => boolean;
  /** Milliseconds that a counter should rest now, before the next transaction of this process on it. */
  readonly restAfter: (counter: string, hasMetOthers: boolean) => number;
}

/**
 * How often this process writes a counter that others write as well. Two transactions that overlap cost both of them:
 * after a conflict the pause between two groups doubles, and what comes meanwhile makes the next group larger. A counter
 * that nobody else writes never rests.
 */
export const openPace = (random: () => number = Math.random): Pace => {
  const pauses = new LRUCache<string, number>({ max: MAX_COUNTERS });
  return {
    isShared: (counter) => pauses.has(counter),
    restAfter: (counter, hasMetOthers) => {
      const before = pauses.get(counter) ?? 0;
      const pause = hasMetOthers ? Math.min(MAX_PAUSE, Math.max(FIRST_PAUSE, 2 * before)) : before * DECAY;
      if (pause < 1) pauses.delete(counter);
      else pauses.set(counter, pause);
      // Half of it at least, the rest by chance, so that those who met once part.
      return pause < 1 ? 0 : pause * (0.5 + random());
    },
  };
};
