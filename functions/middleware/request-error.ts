/** A fault of the request itself, found before any operation of the shop begins. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    { details, headers = {} }: { details?: unknown; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.headers = headers;
  }
}

export interface FieldFault {
  /** `path.…`, `query.…`, `headers.…`, `body.…`, or one of those alone. */
  readonly field: string;
  readonly message: string;
}

/** 400 naming every field that is wrong; never the wrong values, which may be secrets. */
export const fieldFaults = (faults: readonly FieldFault[]): RequestError =>
  new RequestError(
    400,
    "VALIDATION_FAILED",
    faults.map(({ field, message }) => `${field}: ${message}`).join("; "),
    { details: faults },
  );

export const fieldFault = (field: string, message: string): RequestError => fieldFaults([{ field, message }]);
