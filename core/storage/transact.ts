import { randomUUID } from "node:crypto";
import { type CancellationReason, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { TransactWriteCommand, type TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Database } from "./database.ts";

export type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** One verdict an item, in the order the items were given: why that item refused, or undefined. */
export type Refusals = readonly (CancellationReason | undefined)[];

const REFUSED = "ConditionalCheckFailed";

/**
 * Writes all items or none, under a token by which an attempt whose answer got lost is not applied twice.
 *
 * @returns undefined when written, or the reasons by item when a condition refused
 * @throws DomainError `STORAGE_CONFLICT` when conflicts with other transactions outlast the retries
 */
export const transact = async (db: Database, items: TransactItem[]): Promise<Refusals | undefined> => {
  try {
    await db.send(new TransactWriteCommand({ TransactItems: items, ClientRequestToken: randomUUID() }));
    return undefined;
  } catch (error) {
    const reasons = (error instanceof TransactionCanceledException && error.CancellationReasons) || [];
    if (!reasons.some(({ Code }) => Code === REFUSED)) throw error;
    return reasons.map((reason) => (reason.Code === REFUSED ? reason : undefined));
  }
};
