import type { Shop } from "../shop.ts";
import { recoverOrders } from "./recovery.ts";

/**
 * After the circuit has closed, for the second pass. Most checkouts that were deferred just before have committed by then, and
 * the index, which lags behind the table, has them.
 */
const SECOND_PASS_MS = 2_000;

type Later = (pass: () => void) => void;

const inAMoment: Later = (pass) => {
  setTimeout(pass, SECOND_PASS_MS).unref?.();
};

/**
 * Settles what was deferred as soon as the payment processor is back, rather than with the next run of recovery, which on
 * AWS may be a minute away. Another process or a run of recovery may do the same at the same time.
 *
 * @param later makes the second pass after a while; a test decides when
 */
export const settleOnReturn = (shop: Shop, later: Later = inAMoment): void => {
  /** Not what awaits fulfilment: a process that answers requests may not do all that this takes. */
  const settleDeferred = (): void => {
    recoverOrders(shop, Number.POSITIVE_INFINITY, ["payment"]).then(
      (report) => shop.log.info("settled what waited for the payment service", { ...report }),
      (error: Error) => shop.log.warn("settling is left to recovery", error),
    );
  };
  /** Of earlier outages too: a processor that goes again leaves a pass unfinished. */
  let isOwed = false;
  shop.resilience.onCircuit((service, state) => {
    if (service !== "payment" || state !== "closed") return;
    if (shop.deferred.clear() > 0) isOwed = true;
    if (!isOwed) return;
    settleDeferred();
    later(() => {
      if (shop.resilience.circuits.payment.state() !== "closed") return;
      isOwed = false;
      settleDeferred();
    });
  });
};
