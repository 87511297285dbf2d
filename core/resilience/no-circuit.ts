import { openCallCounts } from "./call-counts.ts";
import { type Circuit, type CircuitOptions, isCalledOff } from "./circuit.ts";

/** A circuit that never opens: it lets every call through and counts it. */
export const openNoCircuit = ({ name, isFailure }: CircuitOptions): Circuit => {
  const counts = openCallCounts();
  return {
    name,
    state: () => "closed",
    async execute(work) {
      try {
        const result = await work();
        counts.success();
        return result;
      } catch (error) {
        if (isFailure(error)) counts.failure(error);
        else if (!isCalledOff(error)) counts.success();
        throw error;
      }
    },
    admits: () => true,
    silentFor: () => 0,
    retryAfterSeconds: () => 1,
    probeBy: () => undefined,
    hangsAfter: () => undefined,
    believeOpen: () => undefined,
    reset: () => undefined,
    stats: () => ({ name, state: "closed", ...counts.stats() }),
  };
};
