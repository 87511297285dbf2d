import { ExponentialBackoff, fullJitterGenerator, handleWhen, type RetryPolicy, retry } from "cockatiel";

/** Durations in milliseconds. The reasons are in docs/resilience.md. */
export const RETRY_SETTINGS = {
  baseDelay: 25,
  maxDelay: 250,
  /** Retries allowed for each request: in a brown-out the dependency gets at most a tenth more than without. */
  budgetRatio: 0.1,
  /** Retries saved up at the most, so that a few failures in quiet times can all be retried. */
  budgetMax: 10,
} as const;

export type RetrySettings = Readonly<Record<keyof typeof RETRY_SETTINGS, number>>;

/**
 * How many retries may still be made: every request adds a little, every retry takes one. While all is well
 * each failure is retried; when much fails, retries stay a fraction of the requests.
 */
export const openRetryBudget = ({
  budgetRatio,
  budgetMax,
}: Pick<RetrySettings, "budgetRatio" | "budgetMax"> = RETRY_SETTINGS) => {
  let left = budgetMax;
  return {
    deposit(): void {
      left = Math.min(budgetMax, left + budgetRatio);
    },
    tryWithdraw(): boolean {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
    /** For a retry that was not made after all. */
    giveBack(): void {
      left = Math.min(budgetMax, left + 1);
    },
    left: (): number => left,
  };
};

export type RetryBudget = ReturnType<typeof openRetryBudget>;

/** Retries with exponential backoff and full jitter, as far as the condition lets it. */
export const retryWhen = (
  isWorthRetrying: (error: unknown) => boolean,
  maxRetries: number,
  { baseDelay, maxDelay }: Pick<RetrySettings, "baseDelay" | "maxDelay"> = RETRY_SETTINGS,
): RetryPolicy =>
  retry(handleWhen(isWorthRetrying), {
    maxAttempts: maxRetries,
    backoff: new ExponentialBackoff({
      initialDelay: baseDelay,
      maxDelay,
      generator: fullJitterGenerator,
    }),
  });
