import type { Cents } from "../money.ts";
import type { PaymentMessages } from "./messages.ts";

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

/** The decline code of a key that was cancelled, rather than declined by a bank. */
export const CANCELLED = "cancelled";

export interface Declined {
  readonly outcome: "declined";
  readonly declineCode: string;
  readonly processedAt: string;
  readonly attempts: number;
}

/** The customer has to prove to their bank that it is them, in their own client (3-D Secure). */
export interface ActionRequired {
  readonly outcome: "action_required";
  /** Lets its holder go on with this payment: for the customer's client alone, neither stored nor logged. */
  readonly clientSecret: string;
  /** The bank's page, where the processor sends customers to one. */
  readonly redirectUrl?: string | undefined;
  readonly attempts: number;
}

export type ChargeResult = Approved | Declined | ActionRequired;

export interface Cancelled {
  readonly outcome: "cancelled";
}

export type RefundResult =
  /** @property amountCents all that has been given back, earlier refunds included */
  | { readonly outcome: "refunded"; readonly amountCents: Cents }
  /** There was nothing to give back. */
  | { readonly outcome: "uncharged" }
  /** The processor will never give it back: a person has to. */
  | { readonly outcome: "refused"; readonly reason: string };

/** Durations in milliseconds. */
export interface Pinging {
  /** Between two pings, on average. The next one waits for the answer to the last. */
  readonly every: number;
  /** After one that was refused, for a key that is not accepted or for too many requests. */
  readonly afterRefusal: number;
  /** From which on an answer is late. */
  readonly lateAfter: number;
}

/** A payment processor as the shop sees it. */
export interface PaymentGateway {
  /**
   * Charges, or gives the result this key already had. A charge that waits for the customer is asked about again until
   * it is approved or declined, or cancelled.
   *
   * @throws PaymentGatewayError when the outcome is unknown: the charge may have been made or not
   */
  charge(request: ChargeRequest, signal: AbortSignal): Promise<ChargeResult>;

  /**
   * Makes sure the key will never be charged again: `cancelled`, or the result it already has.
   *
   * @throws PaymentGatewayError when the outcome is unknown
   */
  cancel(idempotencyKey: string, signal: AbortSignal): Promise<Approved | Declined | Cancelled>;

  /**
   * Gives back all that was charged under the key, once, however often it is asked.
   *
   * @throws PaymentGatewayError when the outcome is unknown, or another attempt may do better
   */
  refund(idempotencyKey: string, signal: AbortSignal): Promise<RefundResult>;

  /** Absent where the processor sends no messages. */
  readonly messages?: PaymentMessages;

  /** How to ask by {@link ping} whether it is back; as often as the circuit likes unless given. */
  readonly pinging?: Pinging;

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
  /** Whether the processor is in trouble; not so where one charge fails that a test asked for, or that meets itself. */
  readonly isOutage: boolean;
  /** Whether the processor wants no requests for a while: asking soon again makes it worse. */
  readonly isRefusal: boolean;

  constructor(
    reason: "timeout" | "unavailable",
    {
      isOutage = true,
      isRefusal = false,
      ...options
    }: { cause?: unknown; isOutage?: boolean; isRefusal?: boolean } = {},
  ) {
    super(
      reason === "timeout" ? "The payment service did not answer in time" : "The payment service failed",
      options,
    );
    this.reason = reason;
    this.isOutage = isOutage;
    this.isRefusal = isRefusal;
  }
}
