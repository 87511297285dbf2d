/** Every way a shop operation is expected to fail. Transports map a code to their own status. */
export type ErrorCode =
  | "VALIDATION_FAILED"
  | "PRODUCT_NOT_FOUND"
  | "TOO_MANY_PINS"
  | "CART_EMPTY"
  | "CART_ITEM_NOT_FOUND"
  | "CART_LIMIT_EXCEEDED"
  | "CART_CHANGED"
  | "ORDER_NOT_FOUND"
  | "OUT_OF_STOCK"
  | "NOT_FOR_SALE"
  | "IDEMPOTENCY_MISMATCH"
  | "IDEMPOTENCY_IN_FLIGHT"
  | "PAYMENT_DECLINED"
  | "PAYMENT_UNAVAILABLE"
  | "FAULTS_DISABLED"
  | "SEARCH_NOT_READY"
  | "CACHE_UNAVAILABLE"
  | "STORAGE_UNAVAILABLE"
  | "STORAGE_CONFLICT"
  | "DEADLINE_EXCEEDED"
  | "OVERLOADED";

export interface DomainErrorOptions {
  readonly details?: Record<string, unknown> | unknown[];
  /** Seconds after which the caller may try again; present only when trying again can help. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** An expected failure with a code; anything else that is thrown is a defect. */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly code: ErrorCode;
  readonly details: DomainErrorOptions["details"];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export const isDomainError = (error: unknown, ...codes: ErrorCode[]): error is DomainError =>
  error instanceof DomainError && (codes.length === 0 || codes.includes(error.code));
