import { setTimeout as sleep } from "node:timers/promises";
import { isLambda } from "../config/runtime.ts";
import type { Shop } from "../shop.ts";

/** Longer than the pause before a probe of Stripe, and its answer. */
const LONGEST_MS = 5_000;
const POLL_MS = 20;

/**
 * Gives an open payment circuit the time for a probe where the process may have been frozen since the last one: a function on
 * AWS that ended its run at once would find the circuit open in every run, though the processor has been back for long.
 *
 * @param runMs milliseconds to wait at most
 */
export const untilProbed = async ({ resilience }: Shop, runMs: number): Promise<void> => {
  if (!isLambda()) return;
  const { payment } = resilience.circuits;
  const endsAt = performance.now() + Math.min(runMs, LONGEST_MS);
  while (payment.state() === "open" && performance.now() < endsAt) await sleep(POLL_MS);
};
