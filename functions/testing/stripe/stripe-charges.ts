import type { ChargeRequest, ChargeResult, PaymentGateway } from "../../../core/payment/gateway.ts";

let lastKey = 0;
export const newKey = (): string => `ORD-${(lastKey += 1)}`;

/** A busy machine is no outage. */
export const soon = (): AbortSignal => AbortSignal.timeout(30_000);

export const requestOf = (
  idempotencyKey: string,
  paymentMethod = "pm_card_visa",
  amountCents = 1_999,
): ChargeRequest => ({ idempotencyKey, amountCents, paymentMethod });

/** Charges by a gateway. */
export const chargingBy =
  (payment: PaymentGateway) =>
  (...request: Parameters<typeof requestOf>): Promise<ChargeResult> =>
    payment.charge(requestOf(...request), soon());
