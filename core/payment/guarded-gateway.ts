import { DomainError } from "../errors.ts";
import { CircuitOpenError, isCalledOff } from "../resilience/circuit.ts";
import { InjectedFaultError } from "../resilience/faults.ts";
import { openGiveUps } from "../resilience/give-ups.ts";
import { NO_OBJECTIVES } from "../resilience/priorities.ts";
import type { Resilience } from "../resilience/resilience.ts";
import { NO_WALLS, openRoom } from "../resilience/room.ts";
import type { MetricRecorder } from "../telemetry/recorder.ts";
import { inSpan } from "../tracing/span.ts";
import { type ChargeResult, type PaymentGateway, PaymentGatewayError } from "./gateway.ts";

/**
 * A processor that does not answer is in trouble; one that declines is not, nor one that was asked to fail by
 * a test payment method: one customer's experiment must not close the shop to the others. Nor is it the
 * processor's trouble that the simulated one keeps its books in the shop's own storage.
 */
export const isPaymentFailure = (error: unknown): boolean =>
  error instanceof PaymentGatewayError &&
  error.isOutage &&
  !(error.cause instanceof DomainError) &&
  !isInjectedDecline(error);

const isInjectedDecline = (error: unknown): boolean =>
  error instanceof PaymentGatewayError &&
  error.cause instanceof InjectedFaultError &&
  error.cause.kind === "decline";

/**
 * Calls under way: a processor that gets slow must not hold all of the process's requests. Far above what one
 * process charges at a processor's usual latency. A waiting charge counts against the timeout of the payment.
 */
const ROOM = { places: 256, slowAfter: Number.POSITIVE_INFINITY, most: 256 };

export interface GuardedGateway extends PaymentGateway {
  /** Milliseconds after which an answer is late by far, by how long charges take of late. */
  readonly patience: () => number;
}

/** Milliseconds, the least of them, and a multiple of the usual latency. */
type Lateness = Readonly<Record<"timesUsual" | "least", number>>;

/** Times the usual latency, and the least, that a customer waits for a charge which may also be made later. */
const PATIENCE = { timesUsual: 8, least: 100 } as const;
/** Times the usual latency, and the least, after which a charge without an answer seems to hang. */
const HANGS = { timesUsual: 8, least: 500 } as const;
/** Charges that the usual latency is the mean of. */
const MEMORY = 32;

/**
 * A gateway behind the circuit and the faults of payment. It makes no retries: a charge whose outcome is
 * unknown is settled by recovery, and a customer should not wait for a second timeout.
 */
export const guardGateway = (
  gateway: PaymentGateway,
  { has, circuits, faults, onCircuit }: Resilience,
  metrics: MetricRecorder,
  timeout: number,
): GuardedGateway => {
  const giveUps = openGiveUps();
  onCircuit((service, state) => {
    if (service === "payment" && state === "open") giveUps.giveUpAll(new PaymentGatewayError("timeout"));
  });
  const room = openRoom(has.limits ? ROOM : NO_WALLS, NO_OBJECTIVES);
  const struck = async <T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
    try {
      await faults.before("payment", timeout, signal);
    } catch (cause) {
      throw new PaymentGatewayError(cause instanceof InjectedFaultError ? "unavailable" : "timeout", {
        cause,
      });
    }
    return call();
  };
  /** An injected decline is in the processor's books like any other: its key is never charged afterwards. */
  const decline = async (key: string, signal: AbortSignal): Promise<ChargeResult> => {
    const result = await gateway.cancel(key, signal);
    if (result.outcome !== "cancelled") return result;
    const processedAt = new Date().toISOString();
    return { outcome: "declined", declineCode: "card_declined", processedAt, attempts: 1 };
  };
  const timed = async <T>(operation: string, call: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    try {
      return await call();
    } finally {
      metrics.observe("PaymentLatency", performance.now() - startedAt, operation);
    }
  };
  const guarded = <T>(operation: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> =>
    inSpan(`payment ${operation}`, "client", undefined, () =>
      guardedCall(signal, () => timed(operation, () => giveUps.wait(struck(signal, call)))),
    );
  const guardedCall = async <T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
    try {
      return await room.execute(() => circuits.payment.execute(call), {
        priority: "checkout",
        since: performance.now(),
        signal,
      });
    } catch (cause) {
      if (isCalledOff(cause)) throw new PaymentGatewayError("timeout", { cause });
      if (cause instanceof CircuitOpenError) throw new PaymentGatewayError("unavailable", { cause });
      throw cause;
    }
  };
  const ping = (signal: AbortSignal) => struck(signal, () => gateway.ping(signal));
  const { messages, pinging } = gateway;
  circuits.payment.probeBy(
    () => ping(AbortSignal.timeout(timeout)),
    pinging && {
      every: pinging.every,
      pauseAfter: (error) =>
        error instanceof PaymentGatewayError && error.isRefusal ? pinging.afterRefusal : undefined,
    },
  );
  let usual = 0;
  const late = ({ timesUsual, least }: Lateness): number =>
    usual === 0 ? timeout : Math.min(timeout, Math.max(least, timesUsual * usual));
  circuits.payment.hangsAfter({ late: () => late(HANGS), ...(pinging && { check: pinging.lateAfter }) });
  const charge: PaymentGateway["charge"] = async (request, signal) => {
    const startedAt = performance.now();
    const result = await guarded("charge", signal, () => gateway.charge(request, signal)).catch(
      (error: unknown) => {
        if (isInjectedDecline(error)) return decline(request.idempotencyKey, signal);
        throw error;
      },
    );
    // Asking about an earlier charge takes less.
    if (result.attempts > 1) return result;
    const took = performance.now() - startedAt;
    usual = usual === 0 ? took : usual + (took - usual) / MEMORY;
    return result;
  };
  return {
    patience: () => late(PATIENCE),
    charge,
    cancel: (key, signal) => guarded("cancel", signal, () => gateway.cancel(key, signal)),
    refund: (key, signal) => guarded("refund", signal, () => gateway.refund(key, signal)),
    ...(messages && {
      messages: {
        read: messages.read,
        refunded: (key, signal) => guarded("refunded", signal, () => messages.refunded(key, signal)),
      },
    }),
    ping,
  };
};
