import { z } from "zod";
import { DomainError } from "../../core/errors.ts";
import { paymentSignal } from "../../core/order/charge.ts";
import { settleByEvent } from "../../core/order/settle-by-event.ts";
import { PaymentGatewayError } from "../../core/payment/gateway.ts";
import { SignatureError } from "../../core/payment/messages.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { checkBody, textOf } from "../middleware/json-body.ts";
import { fieldFault, RequestError } from "../middleware/request-error.ts";
import { jsonResult } from "../middleware/result.ts";

const receivedSchema = z.object({ received: z.literal(true) }).meta({ id: "Received" });

export const route = defineRoute("POST /webhooks/stripe", {
  summary: "Take a message of Stripe",
  description:
    "For Stripe's webhook endpoint, where Stripe is the payment service and its webhook secret is set; 404 elsewhere. " +
    "Messages settle orders in `pending_payment` and record refunds and disputes; they may come late, twice and in any " +
    "order. " +
    "Stripe sends one again until the answer is 200.",
  tag: "Payment",
  rawBody: z
    .looseObject({
      id: z.string().meta({ example: "evt_1Qx8Lk2eZvKYlo2C" }),
      type: z.string().meta({ example: "payment_intent.succeeded" }),
    })
    .meta({ id: "StripeEvent" }),
  responses: {
    200: { description: "Taken, or of no interest", schema: receivedSchema },
  },
  failures: ["SIGNATURE_INVALID", "ROUTE_NOT_FOUND", "PAYMENT_UNAVAILABLE", "STORAGE_CONFLICT"],
});

export const handler = endpoint(route, async (_, shop, event) => {
  const { messages } = shop.payment;
  if (!messages) throw new RequestError("ROUTE_NOT_FOUND");
  if (!event.body) throw fieldFault("body", "is required");
  checkBody(event);
  try {
    const signature = event.headers["stripe-signature"] ?? "";
    const message = await messages.read(textOf(event), signature, paymentSignal(shop));
    shop.metrics.add("PaymentMessages", 1, message?.kind ?? "ignored");
    if (message) await settleByEvent(shop, messages, message);
  } catch (error) {
    if (error instanceof SignatureError) throw new RequestError("SIGNATURE_INVALID");
    if (!(error instanceof PaymentGatewayError)) throw error;
    throw new DomainError("PAYMENT_UNAVAILABLE", error.message, { retryAfterSeconds: 1, cause: error });
  }
  return jsonResult(200, { received: true });
});
