import { z } from "zod";
import { DomainError } from "../errors.ts";
import { fromCents } from "../money.ts";
import type { Approved, Declined } from "../payment/gateway.ts";
import type { StockLine } from "../stock/counters.ts";
import { type OrderItem, orderFromItem, orderIdSchema, orderSchema } from "./order.ts";

export const paymentSchema = z
  .object({
    transaction_id: z.string().nullable().meta({ example: "txn_01JD8Z7V5N9QK3T2W4X6Y8ZABC" }),
    status: z.enum(["approved", "pending"]),
    amount: z.number().meta({ example: 39.98 }),
    processed_at: z.iso.datetime().nullable(),
    attempts: z.int().min(0).meta({ description: "How often the payment service was asked" }),
  })
  .meta({ id: "Payment" });

export type Payment = z.infer<typeof paymentSchema>;

export const checkoutSchema = z
  .object({
    order_id: orderIdSchema,
    order: orderSchema,
    payment: paymentSchema,
    recovery_applied: z.boolean().meta({
      description: "Whether the payment needed more than one attempt",
    }),
    recovery_details: z.string().optional(),
  })
  .meta({ id: "Checkout" });

/**
 * How a checkout ended, kept on its order: everything an answer has beyond the order's own lines. A
 * decline is an ending too, and is repeated like the others.
 */
export type CheckoutAnswer =
  | {
      readonly status: "confirmed" | "pending_payment";
      readonly at: string;
      readonly payment: Payment;
    }
  | {
      readonly status: "payment_failed" | "cancelled";
      readonly at: string;
      readonly declineCode: string;
      /** What the cart had no room for. */
      readonly not_restored?: readonly StockLine[];
    };

export interface Checkout {
  readonly order: OrderItem;
  readonly answer: CheckoutAnswer;
  readonly replayed: boolean;
}

export const approvedAnswer = (order: OrderItem, result: Approved, at: string): CheckoutAnswer => ({
  status: "confirmed",
  at,
  payment: {
    transaction_id: result.transactionId,
    status: "approved",
    amount: fromCents(order.total_cents),
    processed_at: result.processedAt,
    attempts: result.attempts,
  },
});

export const pendingAnswer = (order: OrderItem, at: string): CheckoutAnswer => ({
  status: "pending_payment",
  at,
  payment: {
    transaction_id: null,
    status: "pending",
    amount: fromCents(order.total_cents),
    processed_at: null,
    attempts: 1,
  },
});

export const failedAnswer = (
  status: "payment_failed" | "cancelled",
  { declineCode }: Pick<Declined, "declineCode">,
  notRestored: readonly StockLine[],
  at: string,
) => ({
  status,
  at,
  declineCode,
  ...(notRestored.length > 0 && { not_restored: notRestored }),
});

/** The failure of a checkout that ended without payment, or undefined. */
export const declineOf = ({ order, answer }: Checkout): DomainError | undefined =>
  "declineCode" in answer
    ? new DomainError("PAYMENT_DECLINED", `The payment was declined: ${answer.declineCode}`, {
        details: {
          order_id: order.order_id,
          decline_code: answer.declineCode,
          order_status: answer.status,
          ...(answer.not_restored && { not_restored: answer.not_restored }),
        },
      })
    : undefined;

/**
 * The body of a checkout's answer: the order as it stood when the answer was given, which for a replay
 * may be before its present status.
 *
 * @throws DomainError `PAYMENT_DECLINED` when that is how the checkout ended
 */
export const presentCheckout = (result: Checkout): z.infer<typeof checkoutSchema> => {
  const { order, answer } = result;
  if ("declineCode" in answer) throw declineOf(result);
  const recovered = answer.payment.attempts > 1;
  const isPending = answer.status === "pending_payment";
  return {
    order_id: order.order_id,
    order: {
      ...orderFromItem(order),
      status: answer.status,
      updated_at: answer.at,
    },
    payment: answer.payment,
    recovery_applied: recovered || isPending,
    ...(isPending && {
      recovery_details: "The charge is not settled yet; it is settled later, exactly once",
    }),
    ...(recovered && {
      recovery_details: `The charge was settled at attempt ${answer.payment.attempts}`,
    }),
  };
};
