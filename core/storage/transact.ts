import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type CancellationReason, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { TransactWriteCommand, type TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import { currentRequest } from "../request-scope.ts";
import type { Database } from "./database.ts";

export type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** One verdict an item, in the order the items were given: why that item refused, or undefined. */
export type Refusals = readonly (CancellationReason | undefined)[];

/** Why a transaction was cancelled though nothing is wrong with it (`CancellationReasons` of TransactWriteItems). */
const PASSING = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

const MAX_CONFLICT_RETRIES = 3;
const CONFLICT_BASE_MS = 20;

/**
 * Writes all items or none. A conflict with another transaction on the same items is retried at most
 * three times with full jitter under the same client token, so that an attempt whose answer got lost is
 * not applied twice.
 *
 * @returns undefined when written, or the reasons by item when a condition refused
 * @throws DomainError `STORAGE_CONFLICT` when the conflicts outlast the retries
 */
export const transact = async (db: Database, items: TransactItem[]): Promise<Refusals | undefined> => {
  const token = randomUUID();
  for (let attempt = 0; ; attempt++) {
    try {
      await db.send(
        new TransactWriteCommand({
          TransactItems: items,
          ClientRequestToken: token,
        }),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const codes = new Set(reasons.map(({ Code }) => Code));
      if (codes.has("ConditionalCheckFailed")) {
        return reasons.map((reason) => (reason.Code === "ConditionalCheckFailed" ? reason : undefined));
      }
      if (!PASSING.some((code) => codes.has(code))) throw error;
      if (attempt >= MAX_CONFLICT_RETRIES) {
        throw new DomainError("STORAGE_CONFLICT", "Too many buyers at once for the same items; try again", {
          retryAfterSeconds: 1,
          cause: error,
        });
      }
      const signal = currentRequest()?.signal;
      await sleep(Math.random() * CONFLICT_BASE_MS * 2 ** attempt, undefined, signal && { signal });
    }
  }
};
