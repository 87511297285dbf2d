import { vi } from "vitest";
import { readConfig } from "../config/config.ts";
import type { DeferredLimits } from "../order/deferred.ts";
import type { FaultKind } from "../resilience/faults.ts";
import type { Shop } from "../shop.ts";
import { openShop } from "./open-shop.ts";

/** No test fails because the machine is busy. */
export const LONG = 30_000;
/** Milliseconds without a success until a circuit may open: no test is about how soon it does. */
export const SILENCE = 50;
/** Longer than any test puts a clock forward. */
const FAULT_MS = 7 * 86_400_000;

export type AcceptingShop = Shop & { readonly advance: (ms: number) => void };

/** A shop that takes orders while payment is away, with a clock that can be put forward. */
export const openAcceptingShop = (
  limits: Partial<DeferredLimits> = {},
  environment: NodeJS.ProcessEnv = process.env,
): AcceptingShop => {
  const config = readConfig({ ...environment, PAYMENT_OUTAGE: "accept" });
  const dynamodb = { ...config.dynamodb, requestTimeout: LONG };
  const payment = { ...config.payment, timeout: LONG, deferred: { ...config.payment.deferred, ...limits } };
  let ahead = 0;
  return Object.assign(
    openShop(
      { ...config, dynamodb, payment, circuit: { ...config.circuit, silence: SILENCE } },
      () => Date.now() + ahead,
    ),
    {
      advance: (ms: number) => {
        ahead += ms;
      },
    },
  );
};

export const breakPayment = (shop: Shop, kind: FaultKind = "error"): void =>
  shop.resilience.faults.set("payment", {
    failureRate: 1,
    latencyMs: 0,
    kind,
    expiresAt: shop.now() + FAULT_MS,
  });

export const mendPayment = (shop: Shop): void => shop.resilience.faults.set("payment", undefined);

/**
 * Breaks payment, and asks it without an order until the circuit has opened. From then on no checkout is let through in place
 * of a probe, as one may be on a busy machine, where probes are late.
 */
export const openPaymentCircuit = async (shop: Shop): Promise<void> => {
  const { payment } = shop.resilience.circuits;
  vi.spyOn(payment, "admits").mockImplementation(() => payment.state() === "closed");
  breakPayment(shop);
  while (payment.state() !== "open") {
    const charge = { idempotencyKey: "asked", amountCents: 1, paymentMethod: "pm_card_visa" };
    await shop.payment.charge(charge, AbortSignal.timeout(LONG)).catch(() => undefined);
  }
};
