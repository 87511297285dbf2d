import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { BulkheadRejectedError } from "cockatiel";
import { DomainError } from "../errors.ts";
import { CircuitOpenError } from "../resilience/circuit.ts";

const RETRY_AFTER_SECONDS = 1;

/** A condition that did not hold: an answer about the data, not a fault of the storage. */
export const isRefusedCondition = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException || error instanceof TransactionCanceledException;

/**
 * Requests DynamoDB refuses because we built them wrong (a missing table, a malformed expression): retrying
 * cannot help and hiding them behind "unavailable" would hide a defect.
 */
const isDefect = (error: unknown): boolean =>
  error instanceof DynamoDBServiceException &&
  (error.name === "ValidationException" || error.name === "ResourceNotFoundException");

/** Whether DynamoDB itself is in trouble, as far as one call can tell. */
export const isStorageFailure = (error: unknown): boolean =>
  !isRefusedCondition(error) && !isDefect(error) && !isGivenUp(error);

/** The caller's deadline passed, or the call was never made. */
const isGivenUp = (error: unknown): boolean =>
  error instanceof CircuitOpenError ||
  error instanceof BulkheadRejectedError ||
  (error instanceof Error && error.name === "AbortError");

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
  if (!isStorageFailure(error)) return false;
  if (isRepeatable) return true;
  return (
    error instanceof Error &&
    (UNDONE.has(error.name) || (error as NodeJS.ErrnoException).code === "ECONNREFUSED")
  );
};

/** Gives infrastructure failures their domain code; leaves refused conditions and defects as they are. */
export const translateStorageError = (error: unknown, signal: AbortSignal | undefined): unknown => {
  if (signal?.aborted) {
    return new DomainError("DEADLINE_EXCEEDED", "The request ran out of time waiting for storage", {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    });
  }
  if (isRefusedCondition(error) || isDefect(error)) return error;
  if (error instanceof CircuitOpenError || error instanceof BulkheadRejectedError) {
    return new DomainError(
      "STORAGE_UNAVAILABLE",
      "Storage is not available at the moment; nothing was done",
      {
        retryAfterSeconds: error instanceof CircuitOpenError ? error.retryAfterSeconds : RETRY_AFTER_SECONDS,
        cause: error,
      },
    );
  }
  return new DomainError(
    "STORAGE_UNAVAILABLE",
    "Storage does not answer; whether a write arrived is not known",
    {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    },
  );
};
