import type { Intent } from "./stripe-intent.ts";

/** An error as Stripe words it (https://docs.stripe.com/api/errors). */
interface ErrorBody {
  readonly type: "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";
  readonly message: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
  readonly payment_intent?: Intent;
}

export class StripeRefusal extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  /** Results of a request that did not get as far as being executed are not kept for its idempotency key. */
  readonly isExecuted: boolean;

  constructor(status: number, body: ErrorBody, isExecuted = false) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.isExecuted = isExecuted;
  }
}

export const invalid = (message: string, code?: string, param?: string): StripeRefusal =>
  new StripeRefusal(400, {
    type: "invalid_request_error",
    message,
    ...(code && { code }),
    ...(param && { param }),
  });

/** The request does not fit the status that the intent has. */
export const unexpectedState = (intent: Intent): StripeRefusal =>
  new StripeRefusal(
    400,
    {
      type: "invalid_request_error",
      code: "payment_intent_unexpected_state",
      message: `This PaymentIntent's status is ${intent.status}.`,
      payment_intent: { ...intent },
    },
    true,
  );

export const missing = (kind: string, id: string, param: string, status = 404): StripeRefusal =>
  new StripeRefusal(status, {
    type: "invalid_request_error",
    code: "resource_missing",
    message: `No such ${kind}: '${id}'`,
    param,
  });
