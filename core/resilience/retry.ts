import { setTimeout as sleep } from "node:timers/promises";

/** Durations in milliseconds. The reasons are in docs/resilience.md. */
export const RETRY_SETTINGS = {
  baseDelay: 25,
  maxDelay: 250,
  /** Retries allowed for each call while all is well; fewer the more attempts fail. */
  budgetRatio: 1,
  /** Retries saved up at the most: what the first moment of an outage may cost. */
  budgetMax: 20,
} as const;

export type RetrySettings = Readonly<Record<keyof typeof RETRY_SETTINGS, number>>;

/** Milliseconds before a retry: exponential, with full jitter. */
export const fullJitter = (
  retries: number,
  { baseDelay, maxDelay }: Pick<RetrySettings, "baseDelay" | "maxDelay"> = RETRY_SETTINGS,
): number => Math.random() * Math.min(maxDelay, baseDelay * 2 ** retries);

/**
 * Milliseconds before a retry that has to find something free: between the base and three times the wait before, so
 * that those who met once part. Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export const decorrelatedJitter = (
  before: number,
  { baseDelay, maxDelay }: Pick<RetrySettings, "baseDelay" | "maxDelay"> = RETRY_SETTINGS,
): number => Math.min(maxDelay, baseDelay + Math.random() * Math.max(0, 3 * before - baseDelay));

/**
 * Does work, again after a failure for as long as it is worth it.
 *
 * @param waitBefore milliseconds to wait before the retry with this number; undefined when the error is the
 * answer
 * @throws the error of the last attempt, also when the signal ends the wait for the next
 */
export const retrying = async <T>(
  work: () => Promise<T>,
  waitBefore: (error: unknown, retries: number) => number | undefined,
  signal?: AbortSignal,
): Promise<T> => {
  for (let retries = 0; ; retries++) {
    try {
      return await work();
    } catch (error) {
      const wait = waitBefore(error, retries);
      if (wait === undefined) throw error;
      await sleep(wait, undefined, signal && { signal }).catch(() => {
        throw error;
      });
    }
  }
};
