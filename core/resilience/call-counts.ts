import { openOutcomeWindow } from "./outcome-window.ts";

/** Milliseconds that the counts look back on. */
const WINDOW_MS = 1_500;

/** Counts the calls of a dependency, for `GET /resilience/circuit-breakers`. */
export const openCallCounts = () => {
  const recent = openOutcomeWindow(WINDOW_MS);
  const totals = { requests: 0, failures: 0, rejected: 0 };
  let last: { readonly at: number; readonly error: unknown } | undefined;
  return {
    success(now = performance.now()): void {
      totals.requests += 1;
      recent.note(true, now);
    },
    /** @param isAftermath whether earlier failures say better what the trouble is */
    failure(error: unknown, isAftermath = false): void {
      totals.requests += 1;
      totals.failures += 1;
      recent.note(false, performance.now());
      if (!isAftermath) last = { at: Date.now(), error };
    },
    rejection(): void {
      totals.rejected += 1;
    },
    forgetRecent: recent.clear,
    stats: () => ({
      ...recent.counts(),
      total_requests: totals.requests,
      total_failures: totals.failures,
      total_rejected: totals.rejected,
      last_failure: last ? new Date(last.at).toISOString() : null,
      last_error: last ? messageOf(last.error) : null,
    }),
  };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
