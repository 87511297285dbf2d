import { FAILURES, type FailureCode } from "./failures.ts";
import type { Headers } from "./result.ts";

/** A fault of the request itself, found before any operation of the shop begins. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: FailureCode;
  readonly details: unknown;
  readonly headers: Headers;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: FailureCode,
    {
      message = FAILURES[code].message,
      details,
      headers = {},
      retryAfterSeconds,
    }: { message?: string; details?: unknown; headers?: Headers; retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.code = code;
    this.details = details;
    this.headers = headers;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface FieldFault {
  /** `path.…`, `query.…`, `headers.…`, `body.…`, or one of those alone. */
  readonly field: string;
  readonly message: string;
}

/** 400 naming every field that is wrong; never the wrong values, which may be secrets. */
export const fieldFaults = (faults: readonly FieldFault[]): RequestError =>
  new RequestError("VALIDATION_FAILED", {
    message: faults.map(({ field, message }) => `${field}: ${message}`).join("; "),
    details: faults,
  });

export const fieldFault = (field: string, message: string): RequestError => fieldFaults([{ field, message }]);
