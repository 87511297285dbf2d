/** Attempts whose outcomes the share of failures remembers. */
const MEMORY = 50;

export interface RetryBudgetSettings {
  /** Retries allowed for each call while all is well. */
  readonly budgetRatio: number;
  /** Retries saved up at the most. */
  readonly budgetMax: number;
}

export type RetryBudget = ReturnType<typeof openRetryBudget>;

/**
 * How many retries may still be made. Each call earns `budgetRatio * (1 - 2 * share of failed attempts)` retries: with one
 * call in five failing that is more than the quarter that retries need, with half of them failing it is nothing, since
 * more calls would only bury a dependency that is overloaded.
 */
export const openRetryBudget = ({ budgetRatio, budgetMax }: RetryBudgetSettings) => {
  let left = budgetRatio > 0 ? budgetMax : 0;
  let failing = 0;
  return {
    /** Notes how an attempt went. */
    note(isFailure: boolean): void {
      failing += ((isFailure ? 1 : 0) - failing) / MEMORY;
    },
    /** Notes a call; its retries are not calls. */
    deposit(): void {
      left = Math.min(budgetMax, left + budgetRatio * Math.max(0, 1 - 2 * failing));
    },
    tryWithdraw(): boolean {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
    /** Whether an attempt may be given up early, since another one can be afforded. */
    isAmple: (): boolean => left >= budgetMax / 2 && left >= 1,
    left: (): number => left,
  };
};
