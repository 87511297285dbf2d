import type { Cents } from "../money.ts";

/** States of a dispute; `closed`: an inquiry that took no money. */
export const DISPUTE_STATUSES = ["open", "won", "lost", "closed"] as const;

/** A customer's complaint to their bank, which may take the money back. */
export interface DisputeReport {
  /** The processor's, by which a person finds it there. */
  readonly id: string;
  readonly status: (typeof DISPUTE_STATUSES)[number];
  readonly amountCents: Cents;
  /** In the processor's words. */
  readonly reason: string;
}

export type EventSubject =
  | {
      readonly kind: "charge";
      /** Whether the message says that the charge was made. */
      readonly isPaid: boolean;
    }
  /** Something was given back, or could not be. */
  | { readonly kind: "refund" }
  | { readonly kind: "dispute"; readonly dispute: DisputeReport };

/** A processor's message about the charge of a key. They come late, twice and in any order. */
export type PaymentEvent = { readonly idempotencyKey: string } & EventSubject;

export interface PaymentMessages {
  /**
   * Reads a message of the processor.
   *
   * @returns undefined for a message about something else
   * @throws SignatureError
   * @throws PaymentGatewayError when the processor does not say which key the message is about
   */
  read(body: string, signature: string, signal: AbortSignal): Promise<PaymentEvent | undefined>;

  /**
   * All that has been given back of a charge by now, by whomever.
   *
   * @throws PaymentGatewayError
   */
  refunded(idempotencyKey: string, signal: AbortSignal): Promise<Cents>;
}

/** A message that the processor has not signed, or not of late. */
export class SignatureError extends Error {
  override readonly name = "SignatureError";
}
