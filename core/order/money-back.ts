import { z } from "zod";
import { type Cents, fromCents } from "../money.ts";
import { DISPUTE_STATUSES, type DisputeReport } from "../payment/messages.ts";

/**
 * `pending`: of an order that ended without payment, whose charge the shop owes back. `failed`: of such a one, or of any
 * whose refunds were all undone.
 */
const REFUND_STATUSES = ["pending", "partial", "full", "failed"] as const;

/** The money of an order's payment that was given back, or is owed, as it is stored. */
export interface Refund {
  readonly status: (typeof REFUND_STATUSES)[number];
  /** Given back; while `pending` or `failed`, owed. */
  readonly cents: Cents;
  /** Since when, ISO 8601. */
  readonly at: string;
}

/** A dispute as it is stored: the latest report of it. */
export interface Dispute extends Omit<DisputeReport, "amountCents"> {
  readonly cents: Cents;
  /** ISO 8601. */
  readonly at: string;
}

export const refundSchema = z
  .object({
    status: z.enum(REFUND_STATUSES).meta({
      description:
        "`partial` and `full`: given back. `pending`: owed for an order that ended without payment, and on its way. " +
        "`failed`: owed, but the payment service can't give it back; the shop's people will",
    }),
    amount: z.number().meta({ description: "Given back, or owed", example: 39.98 }),
    updated_at: z.iso.datetime().meta({ example: "2026-11-26T10:15:00.000Z" }),
  })
  .meta({ id: "Refund" });

export const disputeSchema = z
  .object({
    status: z.enum(DISPUTE_STATUSES).meta({
      description:
        "`open`: the customer's bank is asked to take the payment back. `lost`: it has. `won`: it has not. " +
        "`closed`: an inquiry that took no money",
    }),
    amount: z.number().meta({ example: 39.98 }),
    updated_at: z.iso.datetime().meta({ example: "2026-11-26T10:15:00.000Z" }),
  })
  .meta({ id: "Dispute" });

/** The part of an order that tells of its money's way back; nothing for most. */
export const moneyBackOf = ({ refund, dispute }: { refund?: Refund; dispute?: Dispute }) => ({
  ...(refund && { refund: present(refund) }),
  ...(dispute && { dispute: present(dispute) }),
});

const present = <S extends string>({ status, cents, at }: { status: S; cents: Cents; at: string }) => ({
  status,
  amount: fromCents(cents),
  updated_at: at,
});
