import type { Circuit, CircuitOptions } from "./circuit.ts";

/** A circuit that never opens: it lets every call through and counts it. */
export const openNoCircuit = ({ name, isFailure }: CircuitOptions): Circuit => {
  const totals = { successes: 0, failures: 0 };
  let lastFailure: { at: string; message: string } | undefined;
  return {
    name,
    state: () => "closed",
    async execute(work) {
      try {
        const result = await work();
        totals.successes += 1;
        return result;
      } catch (error) {
        if (isFailure(error)) {
          totals.failures += 1;
          lastFailure = { at: new Date().toISOString(), message: (error as Error).message };
        } else totals.successes += 1;
        throw error;
      }
    },
    admits: () => true,
    retryAfterSeconds: () => 1,
    reset: () => undefined,
    stats: () => ({
      name,
      state: "closed",
      ...totals,
      total_requests: totals.successes + totals.failures,
      total_failures: totals.failures,
      total_rejected: 0,
      last_failure: lastFailure?.at ?? null,
      last_error: lastFailure?.message ?? null,
    }),
  };
};
