import { setTimeout as sleep } from "node:timers/promises";
import { readOrders } from "../checker/state.ts";
import { post } from "./torture-faults.ts";

const POLL_MS = 100;
/** Longer than anybody waits for an order, and a life after that. */
const TTL_SECONDS = 60;

/**
 * Takes the payment processor away from a shop that accepts orders meanwhile, and waits until there is one that it has to
 * charge later: so soon after its start, the shop has its circuit closed.
 *
 * @param endpoint of the engine, behind the shop's back
 * @param withinMs milliseconds to wait at most: another trouble may keep orders from being placed
 */
export const takePaymentAway = async (url: string, endpoint: string, withinMs: number): Promise<void> => {
  await post(`${url}/resilience/simulate/payment`, { enable: true, ttl_secs: TTL_SECONDS });
  for (const giveUpAt = Date.now() + withinMs; Date.now() < giveUpAt; await sleep(POLL_MS)) {
    // The engine may be gone as well.
    const orders = await readOrders(endpoint).catch(() => []);
    const isDeferred = orders.some(
      ({ status, answer }) => status === "pending_payment" && answer?.payment?.attempts === 0,
    );
    if (isDeferred) return;
  }
};

/** For the next life, which has to settle the orders that the last one accepted. */
export const bringPaymentBack = (url: string): Promise<void> =>
  post(`${url}/resilience/simulate/payment`, { enable: false });
