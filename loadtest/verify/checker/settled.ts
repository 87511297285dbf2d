import { setTimeout as sleep } from "node:timers/promises";
import { readState, type State } from "./state.ts";

const POLL_MS = 500;

/** The state once nothing is under way, or as it is when that takes too long: then the verdict says what is stuck. */
export const settledState = async (
  endpoint: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<State> => {
  for (const until = Date.now() + timeoutMs; ; await sleep(POLL_MS, undefined, signal && { signal })) {
    const state = await readState(endpoint);
    const isOpen = state.orders.some(({ status }) => status === "pending_payment" || status === "confirmed");
    if (!isOpen || Date.now() > until) return state;
  }
};
