import { type Approved, CANCELLED, type Cancelled, type ChargeRequest, type Declined } from "./gateway.ts";

/** A line in the processor's books. Until `outcome` is set the processor has decided nothing. */
export interface ChargeRecord {
  readonly charge_key: string;
  readonly attempts: number;
  readonly outcome?: "approved" | "declined" | "cancelled";
  readonly transaction_id?: string;
  readonly amount_cents?: number;
  readonly payment_method?: string;
  readonly decline_code?: string;
  readonly processed_at?: string;
  readonly refunded_at?: string;
}

export const resultOf = (record: ChargeRecord): Approved | Declined | Cancelled => {
  const { attempts, processed_at: processedAt = "" } = record;
  switch (record.outcome) {
    case "approved":
      return {
        outcome: "approved",
        transactionId: record.transaction_id ?? "",
        amountCents: record.amount_cents ?? 0,
        processedAt,
        attempts,
      };
    case "declined":
      return {
        outcome: "declined",
        declineCode: record.decline_code ?? "unknown",
        processedAt,
        attempts,
      };
    case "cancelled":
      return { outcome: "cancelled" };
    default:
      throw new Error(`Charge ${record.charge_key} has no outcome`);
  }
};

/** The stored result for a charge request. A key cancelled before is as good as declined. */
export const replay = (record: ChargeRecord, request: ChargeRequest): Approved | Declined => {
  const result = resultOf(record);
  if (result.outcome === "cancelled") {
    return {
      outcome: "declined",
      declineCode: CANCELLED,
      processedAt: record.processed_at ?? "",
      attempts: record.attempts,
    };
  }
  if (record.amount_cents !== request.amountCents || record.payment_method !== request.paymentMethod) {
    throw new Error(`Idempotency key ${request.idempotencyKey} was used for another charge`);
  }
  return result;
};
