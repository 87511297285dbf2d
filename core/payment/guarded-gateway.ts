import { CircuitOpenError } from "../resilience/circuit.ts";
import { InjectedFaultError } from "../resilience/faults.ts";
import type { Resilience } from "../resilience/resilience.ts";
import { type PaymentGateway, PaymentGatewayError } from "./gateway.ts";

/** A processor that does not answer is in trouble; one that declines is not. */
export const isPaymentFailure = (error: unknown): boolean => error instanceof PaymentGatewayError;

/**
 * A gateway behind the circuit and the faults of payment. It makes no retries: a charge whose outcome is
 * unknown is settled by recovery, and a customer should not wait for a second timeout.
 */
export const guardGateway = (gateway: PaymentGateway, { circuits, faults }: Resilience): PaymentGateway => {
  const guarded = async <T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
    try {
      return await circuits.payment.execute(async () => {
        try {
          await faults.before("payment", signal);
        } catch (cause) {
          throw new PaymentGatewayError(cause instanceof InjectedFaultError ? "unavailable" : "timeout", {
            cause,
          });
        }
        return call();
      });
    } catch (cause) {
      if (cause instanceof CircuitOpenError) throw new PaymentGatewayError("unavailable", { cause });
      throw cause;
    }
  };
  return {
    charge: (request, signal) => guarded(signal, () => gateway.charge(request, signal)),
    cancel: (key, signal) => guarded(signal, () => gateway.cancel(key, signal)),
  };
};
