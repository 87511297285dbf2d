import type { Cents } from "../money.ts";

export interface ChargeRequest {
  /** The gateway charges at most once for a key, however often it is asked. */
  readonly idempotencyKey: string;
  readonly amountCents: Cents;
  /** A token that stands for the customer's means of payment; never a card number. */
  readonly paymentMethod: string;
}

export interface Approved {
  readonly outcome: "approved";
  readonly transactionId: string;
  readonly amountCents: Cents;
  /** ISO 8601. */
  readonly processedAt: string;
  /** How often the gateway was asked for this key. */
  readonly attempts: number;
}

export interface Declined {
  readonly outcome: "declined";
  readonly declineCode: string;
  readonly processedAt: string;
  readonly attempts: number;
}

export interface Cancelled {
  readonly outcome: "cancelled";
}

/** A payment processor as the shop sees it. */
export interface PaymentGateway {
  /**
   * Charges, or gives the result this key already had.
   *
   * @throws PaymentGatewayError when the outcome is unknown: the charge may have been made or not
   */
  charge(request: ChargeRequest, signal: AbortSignal): Promise<Approved | Declined>;

  /**
   * Makes sure the key will never be charged again: `cancelled`, or the result it already has.
   *
   * @throws PaymentGatewayError when the outcome is unknown
   */
  cancel(idempotencyKey: string, signal: AbortSignal): Promise<Approved | Declined | Cancelled>;

  /**
   * Asks for nothing, to learn whether the processor answers.
   *
   * @throws PaymentGatewayError
   */
  ping(signal: AbortSignal): Promise<void>;
}

/** The gateway failed or did not answer in time; whether money moved is unknown. */
export class PaymentGatewayError extends Error {
  override readonly name = "PaymentGatewayError";
  readonly reason: "timeout" | "unavailable";
  /** Whether a test payment method asked for it. */
  readonly isProvoked: boolean;

  constructor(
    reason: "timeout" | "unavailable",
    { isProvoked = false, ...options }: { cause?: unknown; isProvoked?: boolean } = {},
  ) {
    super(
      reason === "timeout" ? "The payment service did not answer in time" : "The payment service failed",
      options,
    );
    this.reason = reason;
    this.isProvoked = isProvoked;
  }
}
