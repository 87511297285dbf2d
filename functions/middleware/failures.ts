import type { ErrorCode } from "../../core/errors.ts";

/** Failures before any operation of the shop begins, and those of the process itself. */
type OwnCode =
  | "MALFORMED_JSON"
  | "SIGNATURE_INVALID"
  | "UNAUTHENTICATED"
  | "ISSUER_UNAVAILABLE"
  | "FORBIDDEN"
  | "USER_NOT_FOUND"
  | "RATE_LIMITED"
  | "CROSS_SITE_REQUEST"
  | "MISDIRECTED_REQUEST"
  | "URI_TOO_LONG"
  | "HEADERS_TOO_LARGE"
  | "ROUTE_NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "REQUEST_TIMEOUT"
  | "PAYLOAD_TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "SHUTTING_DOWN"
  | "INTERNAL_ERROR";

export type FailureCode = ErrorCode | OwnCode;

interface Failure {
  readonly status: number;
  /**
   * The message of a failure of the request's own, unless it has more to say; else an example for the
   * documentation.
   */
  readonly message: string;
  /** Examples for the documentation. */
  readonly details?: unknown;
  readonly retryable?: boolean;
}

/** The one place where a failure gets its HTTP status. */
export const FAILURES: Readonly<Record<FailureCode, Failure>> = {
  VALIDATION_FAILED: {
    status: 400,
    message: "body.quantity: Too small: expected number to be >=1",
    details: [{ field: "body.quantity", message: "Too small: expected number to be >=1" }],
  },
  MALFORMED_JSON: { status: 400, message: "body: Invalid or malformed JSON was provided" },
  SIGNATURE_INVALID: { status: 400, message: "The signature does not match the body, or is too old" },
  UNAUTHENTICATED: { status: 401, message: "Valid credentials are required" },
  FORBIDDEN: { status: 403, message: "Only an administrator may do this" },
  USER_NOT_FOUND: { status: 404, message: "There is no such user" },
  ISSUER_UNAVAILABLE: {
    status: 503,
    message: "The identity provider's keys cannot be fetched, so no token can be verified now",
    retryable: true,
  },
  RATE_LIMITED: {
    status: 429,
    message: "Too many requests; try again after the seconds in Retry-After",
    retryable: true,
  },
  CROSS_SITE_REQUEST: { status: 403, message: "Pages of other sites may not do this" },
  MISDIRECTED_REQUEST: {
    status: 421,
    message: "The Host header does not name this shop; ALLOWED_HOSTS adds names",
  },
  URI_TOO_LONG: { status: 414, message: "The path and query may be at most 8 KiB long" },
  HEADERS_TOO_LARGE: { status: 431, message: "A request may have at most 64 headers, 16 KiB in total" },
  CART_EMPTY: { status: 400, message: "The cart is empty" },
  PAYMENT_DECLINED: {
    status: 402,
    message: "The payment was declined: card_declined",
    details: {
      order_id: "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC",
      decline_code: "card_declined",
      order_status: "payment_failed",
    },
  },
  ROUTE_NOT_FOUND: { status: 404, message: "There is no such route; GET /openapi.json names them all" },
  PRODUCT_NOT_FOUND: { status: 404, message: "There is no product 42" },
  TOO_MANY_PINS: { status: 400, message: "100 products are pinned already" },
  CART_ITEM_NOT_FOUND: { status: 404, message: "Product 42 is not in the cart" },
  ORDER_NOT_FOUND: { status: 404, message: "There is no order ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC" },
  METHOD_NOT_ALLOWED: { status: 405, message: "This path takes GET, HEAD, OPTIONS" },
  REQUEST_TIMEOUT: { status: 408, message: "The body took too long to arrive" },
  CART_LIMIT_EXCEEDED: {
    status: 409,
    message: "A cart holds at most 50 different products and 10000 pieces of each",
  },
  CART_CHANGED: {
    status: 409,
    message: "The cart kept changing during checkout; try again",
    retryable: true,
  },
  OUT_OF_STOCK: {
    status: 409,
    message: "Not enough in stock of product 42",
    details: [{ product_id: 42, requested: 2 }],
  },
  NOT_FOR_SALE: {
    status: 409,
    message: "Without a price, not for sale: product 42",
    details: [{ product_id: 42 }],
  },
  IDEMPOTENCY_IN_FLIGHT: {
    status: 409,
    message: "A checkout with this Idempotency-Key is still going on",
    retryable: true,
  },
  PAYLOAD_TOO_LARGE: { status: 413, message: "The body must not be larger than 64 KiB" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: "The body must be application/json" },
  IDEMPOTENCY_MISMATCH: {
    status: 422,
    message: "This Idempotency-Key was used with another payload",
  },
  INTERNAL_ERROR: { status: 500, message: "Something went wrong on our side" },
  SEARCH_NOT_READY: {
    status: 503,
    message: "The search index is being built; try again shortly",
    retryable: true,
  },
  FAULTS_DISABLED: { status: 403, message: "Faults can't be injected here: FAULTS is off" },
  PAYMENT_UNAVAILABLE: {
    status: 503,
    message: "The payment service is not available; nothing was ordered",
    retryable: true,
  },
  CACHE_UNAVAILABLE: { status: 503, message: "Redis does not answer", retryable: true },
  STORAGE_UNAVAILABLE: {
    status: 503,
    message: "Storage does not answer; whether a write arrived is not known",
    retryable: true,
  },
  STORAGE_CONFLICT: {
    status: 503,
    message: "Too many buyers at once for the same items; try again",
    retryable: true,
  },
  DEADLINE_EXCEEDED: {
    status: 503,
    message: "The request took too long and was given up",
    retryable: true,
  },
  OVERLOADED: {
    status: 503,
    message: "Too many requests at once; others are served first",
    retryable: true,
  },
  SHUTTING_DOWN: {
    status: 503,
    message: "This process is shutting down; another one answers",
    retryable: true,
  },
};
