import { setTimeout as sleep } from "node:timers/promises";
import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import { currentRequest } from "../request-scope.ts";
import type { Database } from "./database.ts";

type Key = Record<string, string | number>;
type Item = Record<string, unknown>;

/** BatchGetItem's own limit. */
const MAX_KEYS = 100;
const MAX_ROUNDS = 5;
const BASE_MS = 25;

/** Ends at once when the request is over: the next call says so. */
const backOff = async (round: number): Promise<void> => {
  const signal = currentRequest()?.signal;
  await sleep(Math.random() * BASE_MS * 2 ** round, undefined, signal && { signal }).catch(() => undefined);
};

/**
 * Reads many items by key. DynamoDB may leave keys over when it is busy; those are asked for again with
 * backoff.
 *
 * @param keys distinct keys, in any number; absent items are absent from the answer, order is not kept
 * @throws DomainError `STORAGE_UNAVAILABLE` when keys stay unprocessed after five rounds
 */
export const batchGet = async (db: Database, table: string, keys: readonly Key[], consistent = false) => {
  const items: Item[] = [];
  for (let start = 0; start < keys.length; start += MAX_KEYS) {
    let pending: Key[] = keys.slice(start, start + MAX_KEYS);
    for (let round = 0; pending.length > 0; round++) {
      if (round === MAX_ROUNDS) {
        throw new DomainError("STORAGE_UNAVAILABLE", "Storage is too busy to read everything", {
          retryAfterSeconds: 1,
        });
      }
      if (round > 0) await backOff(round);
      const { Responses, UnprocessedKeys } = await db.send(
        new BatchGetCommand({
          RequestItems: {
            [table]: { Keys: pending, ConsistentRead: consistent },
          },
        }),
      );
      items.push(...(Responses?.[table] ?? []));
      pending = (UnprocessedKeys?.[table]?.Keys ?? []) as Key[];
    }
  }
  return items;
};
