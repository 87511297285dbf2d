import { CircuitOpenError } from "../resilience/circuit.ts";
import { InjectedFaultError } from "../resilience/faults.ts";
import type { Resilience } from "../resilience/resilience.ts";
import { type PaymentGateway, PaymentGatewayError } from "./gateway.ts";

/**
 * A processor that does not answer is in trouble; one that declines is not, nor one that was asked to fail by
 * a test payment method: one customer's experiment must not close the shop to the others.
 */
export const isPaymentFailure = (error: unknown): boolean =>
  error instanceof PaymentGatewayError && !error.isProvoked;

/**
 * A gateway behind the circuit and the faults of payment. It makes no retries: a charge whose outcome is
 * unknown is settled by recovery, and a customer should not wait for a second timeout.
 */
export const guardGateway = (
  gateway: PaymentGateway,
  { circuits, faults }: Resilience,
  timeout: number,
): PaymentGateway => {
  const guarded = async <T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
    try {
      return await circuits.payment.execute(async () => {
        try {
          await faults.before("payment", timeout, signal);
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
