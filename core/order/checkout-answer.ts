import { z } from "zod";
import { DomainError } from "../errors.ts";
import { fromCents } from "../money.ts";
import type { ActionRequired, Approved, Declined } from "../payment/gateway.ts";
import type { StockLine } from "../stock/stock-line.ts";
import { type CheckoutAnswer, paymentSchema } from "./checkout-outcome.ts";
import { type OrderItem, orderFromItem, orderIdSchema, orderSchema } from "./order.ts";

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

export interface Checkout {
  readonly order: OrderItem;
  readonly answer: CheckoutAnswer;
  /** Not part of the answer that is kept: it lets its holder pay. */
  readonly action?: ActionRequired | undefined;
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

/** @param attempts how often the processor was asked */
export const pendingAnswer = (order: OrderItem, at: string, attempts = 1): CheckoutAnswer => ({
  status: "pending_payment",
  at,
  payment: {
    transaction_id: null,
    status: "pending",
    amount: fromCents(order.total_cents),
    processed_at: null,
    attempts,
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
  const { order, answer, action } = result;
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
    payment: { ...answer.payment, ...(action && { requires_action: requiredAction(action) }) },
    recovery_applied: recovered || isPending,
    ...(isPending && {
      recovery_details: action
        ? "The charge waits for the customer; it is settled once they have confirmed it"
        : "The charge is not settled yet; it is settled later, exactly once",
    }),
    ...(recovered && {
      recovery_details: `The charge was settled at attempt ${answer.payment.attempts}`,
    }),
  };
};

const requiredAction = ({ clientSecret, redirectUrl }: ActionRequired) => ({
  client_secret: clientSecret,
  ...(redirectUrl !== undefined && { redirect_url: redirectUrl }),
});
