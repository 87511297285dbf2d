import { z } from "zod";
import { checkout } from "../../core/order/checkout.ts";
import { checkoutSchema, declineOf, presentCheckout } from "../../core/order/checkout-answer.ts";
import {
  DEFAULT_PAYMENT_METHOD,
  PAYMENT_METHODS,
  TEST_PAYMENT_METHODS,
} from "../../core/payment/test-methods.ts";
import type { Shop } from "../../core/shop.ts";
import { PENDING_CHECKOUT } from "../http/examples.ts";
import { defineRoute } from "../http/route.ts";
import { endpoint } from "../middleware/endpoint.ts";
import { userPath } from "../middleware/parameters.ts";
import { fieldFault, RequestError } from "../middleware/request-error.ts";
import { type Headers, jsonResult } from "../middleware/result.ts";

/** Of the simulated payment service, or any of Stripe's: which of both there is is known only at run time. */
const paymentMethodSchema = z.union([
  z.enum(PAYMENT_METHODS),
  z
    .string()
    .regex(/^pm_[A-Za-z0-9_]{1,200}$/)
    .meta({
      description: "With Stripe, and required there: a PaymentMethod's id",
      example: "pm_1Qx8Lk2eZvKYlo2C",
    }),
]);

/** @throws RequestError for one that the shop's payment service can't know */
const methodFor = ({ config }: Shop, given: string | undefined): string => {
  if (config.payment.stripe) {
    if (given === undefined) throw fieldFault("body.payment_method", "is required with Stripe");
    return given;
  }
  const method = given ?? DEFAULT_PAYMENT_METHOD;
  if (method in TEST_PAYMENT_METHODS) return method;
  throw fieldFault("body.payment_method", `must be one of ${PAYMENT_METHODS.join(", ")}`);
};

const methods = Object.entries(TEST_PAYMENT_METHODS).map(([name, effect]) => `- \`${name}\`: ${effect}`);

export const route = defineRoute("POST /cart/{userId}/checkout", {
  summary: "Order what is in a cart",
  description: `Reserves the stock, charges, confirms. Payment methods of the simulated payment service:\n\n${methods.join("\n")}`,
  tag: "Cart",
  request: {
    path: userPath,
    headers: z.object({
      "idempotency-key": z
        .string()
        .regex(/^[\x20-\x7e]{1,255}$/, "must be 1 to 255 printable ASCII characters")
        .optional()
        .meta({
          description: "The same key with the same payload gets the first answer again, for 24 hours",
        }),
    }),
    body: z.strictObject({ payment_method: paymentMethodSchema.optional() }).meta({ id: "CheckoutRequest" }),
  },
  optionalBody: true,
  responses: {
    201: {
      description: "Paid; fulfilment goes on by itself",
      schema: checkoutSchema,
      headers: {
        "Idempotency-Replayed": "`true` when this is an earlier answer",
        Location: "The order",
      },
    },
    202: {
      description:
        "Placed, but the payment is not settled yet; it will be, exactly once. With `payment.requires_action`, once the " +
        "customer has confirmed it: the same request under the same `Idempotency-Key` tells how again",
      schema: checkoutSchema,
      example: PENDING_CHECKOUT,
      headers: {
        "Idempotency-Replayed": "`true` when this is an earlier answer",
        Location: "The order",
      },
    },
  },
  failures: [
    "CART_EMPTY",
    "CART_LIMIT_EXCEEDED",
    "PAYMENT_DECLINED",
    "PAYMENT_UNAVAILABLE",
    "OUT_OF_STOCK",
    "NOT_FOR_SALE",
    "CART_CHANGED",
    "IDEMPOTENCY_IN_FLIGHT",
    "IDEMPOTENCY_MISMATCH",
    "STORAGE_CONFLICT",
  ],
});

export const handler = endpoint(route, async ({ path, headers, body }, shop) => {
  const result = await checkout(shop, {
    userId: path.userId,
    paymentMethod: methodFor(shop, body?.payment_method),
    idempotencyKey: headers["idempotency-key"],
  });
  const replayed: Headers = result.replayed ? { "idempotency-replayed": "true" } : {};
  const decline = declineOf(result);
  if (decline) {
    const { message, details } = decline;
    throw new RequestError("PAYMENT_DECLINED", { message, details, headers: replayed });
  }
  const answer = presentCheckout(result);
  return jsonResult(answer.payment.status === "approved" ? 201 : 202, answer, {
    location: `/orders/${answer.order_id}`,
    ...replayed,
  });
});
