import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { DomainError } from "../errors.ts";

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

/** Gives infrastructure failures their domain code; leaves refused conditions and defects as they are. */
export const translateStorageError = (error: unknown, signal: AbortSignal | undefined): unknown => {
  if (signal?.aborted) {
    return new DomainError("DEADLINE_EXCEEDED", "The request ran out of time waiting for storage", {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    });
  }
  if (isRefusedCondition(error) || isDefect(error)) return error;
  return new DomainError(
    "STORAGE_UNAVAILABLE",
    "Storage does not answer; whether a write arrived is not known",
    {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    },
  );
};
