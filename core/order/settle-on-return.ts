import type { Shop } from "../shop.ts";
import { recoverOrders } from "./recovery.ts";

/**
 * Settles what was deferred as soon as the payment processor is back, rather than with the next run of recovery, which on
 * AWS may be a minute away. Another process or a run of recovery may do the same at the same time.
 */
export const settleOnReturn = (shop: Shop): void => {
  shop.resilience.onCircuit((service, state) => {
    if (service !== "payment" || state !== "closed" || shop.deferred.clear() === 0) return;
    // Not what awaits fulfilment: a process that answers requests may not do all that this takes.
    recoverOrders(shop, Number.POSITIVE_INFINITY, ["payment"]).then(
      (report) => shop.log.info("settled what waited for the payment service", { ...report }),
      (error: Error) => shop.log.warn("settling is left to recovery", error),
    );
  });
};
