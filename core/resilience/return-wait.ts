import { setTimeout as sleep } from "node:timers/promises";
import type { Circuit } from "./circuit.ts";
import type { Priority } from "./priorities.ts";

/** The reasons are in docs/resilience.md. Durations in milliseconds. */
export const RETURN_WAIT = {
  /** The longest wait of one call. */
  patience: 1_250,
  /** Once nothing has succeeded for this long, calls are refused at once. */
  hope: 10_000,
  /** Calls that wait at a time. */
  most: 256,
} as const;

/** Between two looks at the circuit, with as much jitter: those that wait do not all begin in one turn. */
const LOOK_MS = 25;

/** Readers have a cache and their last cart to be answered from. */
const WAITS: ReadonlySet<Priority> = new Set(["write", "checkout"]);

/** A call that meets an open circuit. Moments by `performance.now()`. */
export interface Waiting {
  readonly priority: Priority | undefined;
  readonly until: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Holds writes back while a circuit is open, in the first seconds of an outage: most are short, and a customer would rather
 * wait for a moment than start again. It makes up for the time that probes take to find the dependency back.
 */
export const openReturnWait = ({ admits, silentFor }: Pick<Circuit, "admits" | "silentFor">) => {
  let waiting = 0;

  const mayHope = ({ priority, until }: Waiting): boolean =>
    priority !== undefined &&
    WAITS.has(priority) &&
    performance.now() < until &&
    silentFor() < RETURN_WAIT.hope;

  return {
    /** Resolves when the circuit admits calls, or when the wait is over. Never rejects. */
    async untilBack(call: Waiting): Promise<void> {
      if (waiting >= RETURN_WAIT.most) return;
      waiting += 1;
      const { signal } = call;
      try {
        while (!admits() && mayHope(call) && !signal?.aborted) {
          await sleep(LOOK_MS * (1 + Math.random()), undefined, signal && { signal }).catch(() => undefined);
        }
      } finally {
        waiting -= 1;
      }
    },
    waiting: (): number => waiting,
  };
};
