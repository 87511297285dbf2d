import { z } from "zod";
import type { StockLine } from "../stock/stock-line.ts";

const requiredActionSchema = z
  .object({
    client_secret: z.string().min(1).meta({
      description:
        "For the processor's library in the customer's browser or app, which goes on with the payment",
      example: "pi_3Qx8_secret_5Kd0",
    }),
    redirect_url: z.string().optional().meta({
      description: "The bank's page to send the customer to, if there is one",
      example: "https://hooks.stripe.com/3d_secure_2/pi_3Qx8",
    }),
  })
  .meta({ id: "RequiredAction" });

export const paymentSchema = z
  .object({
    transaction_id: z.string().nullable().meta({ example: "txn_01JD8Z7V5N9QK3T2W4X6Y8ZABC" }),
    status: z.enum(["approved", "pending"]),
    amount: z.number().meta({ example: 39.98 }),
    processed_at: z.iso.datetime().nullable(),
    attempts: z.int().min(0).meta({ description: "How often the payment service was asked" }),
    requires_action: requiredActionSchema.optional().meta({
      description:
        "The customer must prove to their bank that it is them (3-D Secure); afterwards the order is settled by itself. " +
        "Only with status `pending`",
    }),
  })
  .meta({ id: "Payment" });

export type Payment = z.infer<typeof paymentSchema>;

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
      /** Lines that the cart had no room for. */
      readonly not_restored?: readonly StockLine[];
    };
