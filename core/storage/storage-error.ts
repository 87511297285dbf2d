import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { BulkheadRejectedError } from "cockatiel";
import { DomainError, type ErrorCode } from "../errors.ts";
import type { RequestScope } from "../request-scope.ts";
import { CircuitOpenError, isCalledOff } from "../resilience/circuit.ts";

const RETRY_AFTER_SECONDS = 1;

/** A condition that did not hold: an answer about the data, not a fault of the storage. */
export const isRefusedCondition = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException || error instanceof TransactionCanceledException;

/** Another transaction holds the item at the moment: nothing was written, and nothing is in trouble. */
export const isConflict = (error: unknown): boolean =>
  error instanceof DynamoDBServiceException && error.name === "TransactionConflictException";

/**
 * Requests DynamoDB refuses because we built them wrong (a missing table, a malformed expression): retrying
 * cannot help and hiding them behind "unavailable" would hide a defect.
 */
const isDefect = (error: unknown): boolean =>
  error instanceof DynamoDBServiceException &&
  (error.name === "ValidationException" || error.name === "ResourceNotFoundException");

/** Whether DynamoDB itself is in trouble, as far as one call can tell. */
export const isStorageFailure = (error: unknown): boolean =>
  !isRefusedCondition(error) && !isConflict(error) && !isDefect(error) && !isGivenUp(error);

const isNeverMade = (error: unknown): boolean =>
  error instanceof CircuitOpenError || error instanceof BulkheadRejectedError;

/** The caller's deadline passed, or the call was never made. */
const isGivenUp = (error: unknown): boolean => isNeverMade(error) || isCalledOff(error);

/** Failures after which it is certain that nothing was written. */
const UNDONE = new Set([
  "ThrottlingException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "InjectedFaultError",
]);

/**
 * Whether a call may be made again after this failure.
 *
 * @param isRepeatable whether making the call twice does no harm; if not, it is only made again when the
 * first one certainly did nothing
 */
export const isRetryable = (error: unknown, isRepeatable: boolean): boolean => {
  if (isConflict(error)) return true;
  if (!isStorageFailure(error)) return false;
  if (isRepeatable) return true;
  return (
    error instanceof Error &&
    (UNDONE.has(error.name) || (error as NodeJS.ErrnoException).code === "ECONNREFUSED")
  );
};

/** Gives infrastructure failures their domain code; leaves refused conditions and defects as they are. */
export const translateStorageError = (
  error: unknown,
  { signal, hasAskedStorage = true }: Partial<RequestScope> = {},
): unknown => {
  const failure = (code: ErrorCode, message: string, retryAfterSeconds = RETRY_AFTER_SECONDS) =>
    new DomainError(code, message, { retryAfterSeconds, cause: error });
  if (signal?.aborted) {
    return failure("DEADLINE_EXCEEDED", "The request ran out of time waiting for storage");
  }
  if (isRefusedCondition(error) || isDefect(error)) return error;
  if (isConflict(error)) {
    return failure("STORAGE_CONFLICT", "Something else is being written there at the moment; try again");
  }
  const retryAfter = error instanceof CircuitOpenError ? error.retryAfterSeconds : RETRY_AFTER_SECONDS;
  // An earlier call of the request, or an earlier attempt of this one, may have written something.
  const isDoneNothing = !hasAskedStorage && isNeverMade(error);
  return failure(
    "STORAGE_UNAVAILABLE",
    isDoneNothing
      ? "Storage is not available at the moment; nothing was done"
      : "Storage does not answer; whether a write arrived is not known",
    retryAfter,
  );
};
