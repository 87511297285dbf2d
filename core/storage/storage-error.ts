import { DynamoDBServiceException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { DomainError, type ErrorCode } from "../errors.ts";
import type { RequestScope } from "../request-scope.ts";
import { CircuitOpenError, isCalledOff } from "../resilience/circuit.ts";
import { InjectedFaultError } from "../resilience/faults.ts";
import { NotAdmittedError } from "../resilience/room.ts";

/** The kinds of failure of a storage call: of the data, of the call, of our own, or of DynamoDB. */
export type FailureKind =
  /** A condition that did not hold: an answer about the data. */
  | "refused"
  /** Another transaction holds the item at the moment. */
  | "conflict"
  /** The same transaction, sent before, is still being carried out. */
  | "in progress"
  /** A table or partition has too much to do; nothing was written. Back-pressure of a healthy service. */
  | "throttled"
  /** Credentials or permissions that DynamoDB refuses: an operator has to fix them. */
  | "denied"
  /** A call that we built wrong: to call that "unavailable" would hide a mistake. */
  | "defect"
  /** The caller gave up. */
  | "called off"
  /** The circuit is open or too many calls wait: the call was not made. */
  | "never made"
  /** DynamoDB is in trouble, as far as one call can tell. */
  | "outage";

const KINDS: Readonly<Record<string, FailureKind>> = {
  ConditionalCheckFailedException: "refused",
  TransactionConflictException: "conflict",
  ReplicatedWriteConflictException: "conflict",
  TransactionInProgressException: "in progress",
  ProvisionedThroughputExceededException: "throttled",
  RequestLimitExceeded: "throttled",
  Throttling: "throttled",
  ThrottlingException: "throttled",
  AccessDeniedException: "denied",
  AuthFailure: "denied",
  ExpiredToken: "denied",
  ExpiredTokenException: "denied",
  IncompleteSignature: "denied",
  IncompleteSignatureException: "denied",
  InvalidClientTokenId: "denied",
  InvalidSignatureException: "denied",
  MissingAuthenticationToken: "denied",
  MissingAuthenticationTokenException: "denied",
  OptInRequired: "denied",
  RequestExpired: "denied",
  RequestInTheFuture: "denied",
  RequestTimeTooSkewed: "denied",
  SignatureDoesNotMatch: "denied",
  UnrecognizedClientException: "denied",
  // 4xx answers that are no defect of ours.
  RequestTimeout: "outage",
  RequestTimeoutException: "outage",
  Unknown: "outage",
};

/** Of the SDK's provider chain. */
const CREDENTIALS_ERRORS = new Set(["CredentialsProviderError", "TokenProviderError"]);

/** `CancellationReasons` that may be gone at the next attempt. */
const PASSING: Readonly<Record<string, FailureKind>> = {
  TransactionConflict: "conflict",
  ThrottlingError: "throttled",
  ProvisionedThroughputExceeded: "throttled",
};

export const kindOf = (error: unknown): FailureKind => {
  if (error instanceof TransactionCanceledException) return kindOfCancellation(error);
  if (error instanceof DynamoDBServiceException) {
    return KINDS[error.name] ?? (error.$fault === "client" ? "defect" : "outage");
  }
  if (error instanceof CircuitOpenError || error instanceof NotAdmittedError) return "never made";
  if (error instanceof InjectedFaultError) return error.kind === "throttle" ? "throttled" : "outage";
  if (isCalledOff(error)) return "called off";
  return error instanceof Error && CREDENTIALS_ERRORS.has(error.name) ? "denied" : "outage";
};

const kindOfCancellation = ({ CancellationReasons = [] }: TransactionCanceledException): FailureKind => {
  const codes = CancellationReasons.map(({ Code }) => Code ?? "None").filter((code) => code !== "None");
  const kinds = new Set(codes.map((code) => PASSING[code] ?? "refused"));
  return kinds.has("throttled") && !kinds.has("refused")
    ? "throttled"
    : kinds.has("conflict") && !kinds.has("refused")
      ? "conflict"
      : "refused";
};

/** Whether an error says that DynamoDB is in trouble, which is what its circuit is for. */
export const isStorageFailure = (error: unknown): boolean => kindOf(error) === "outage";

/** Whether a call was refused because there is no capacity left, however often it was made: an error of `Database.send`. */
export const isThrottled = (error: unknown): boolean =>
  error instanceof DomainError && kindOf(error.cause) === "throttled";

/** Whether it is certain that an outage has let nothing be written. */
const isUndone = (error: unknown): boolean =>
  error instanceof InjectedFaultError ||
  (error instanceof Error && (error as NodeJS.ErrnoException).code === "ECONNREFUSED");

/**
 * Whether a call may be made again after this failure.
 *
 * @param isRepeatable whether making the call twice does no harm; if not, it is only made again when the
 * first one certainly did nothing
 */
export const isRetryable = (error: unknown, isRepeatable: boolean): boolean => {
  const kind = kindOf(error);
  if (kind === "outage") return isRepeatable || isUndone(error);
  return kind === "conflict" || kind === "throttled" || kind === "in progress";
};

const MESSAGES: Readonly<Partial<Record<FailureKind, readonly [ErrorCode, string]>>> = {
  conflict: ["STORAGE_CONFLICT", "Something else is being written there at the moment; try again"],
  "in progress": ["STORAGE_CONFLICT", "The same write is still going on; try again later"],
  throttled: ["STORAGE_UNAVAILABLE", "Storage takes no more at the moment; this write was not made"],
};

/** After a first attempt, AWS carries on a transaction that is in progress when it is sent again 5 s later. */
const IN_PROGRESS_SECONDS = 5;

/**
 * Gives failures that pass their domain code. Refused conditions are answers, defects and denied access nothing that
 * a caller could wait for: they stay as they are.
 *
 * @param mayBeWritten whether an earlier attempt of a write ended without an answer
 */
export const translateStorageError = (
  error: unknown,
  request?: RequestScope,
  mayBeWritten = false,
): unknown => {
  const kind = kindOf(error);
  if (kind === "refused" || kind === "defect" || kind === "denied") return error;
  const failure = (code: ErrorCode, message: string, retryAfterSeconds = 1) =>
    new DomainError(code, message, { retryAfterSeconds, cause: error });
  if (kind === "in progress") return failure(...(MESSAGES[kind] as [ErrorCode, string]), IN_PROGRESS_SECONDS);
  if (request?.signal?.aborted) {
    return failure("DEADLINE_EXCEEDED", "The request ran out of time waiting for storage");
  }
  // Only what has not called storage yet is not let in.
  if (error instanceof NotAdmittedError) return failure("OVERLOADED", error.message);
  const known = MESSAGES[kind];
  // Throttling says of one attempt alone that it wrote nothing.
  if (known && !(kind === "throttled" && mayBeWritten)) return failure(...known);
  // An earlier call of the request, or an earlier attempt of this one, may have written something.
  const isDoneNothing = kind === "never made" && request !== undefined && !request.hasAskedStorage;
  return failure(
    "STORAGE_UNAVAILABLE",
    isDoneNothing
      ? "Storage is not available at the moment; nothing was done"
      : "Storage does not answer; whether a write arrived is not known",
    error instanceof CircuitOpenError ? error.retryAfterSeconds : undefined,
  );
};
