import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { DomainError } from "../errors.ts";
import type { Database } from "../storage/database.ts";
import { type Refusals, transact } from "../storage/transact.ts";
import type { TableNames } from "../tables.ts";
import { counterOf, moveStock } from "./counters.ts";
import { type Left, leftOn, refusedOf, type StockWork } from "./group-refusals.ts";

interface Parts {
  readonly db: Database;
  readonly tables: TableNames;
}

interface Member {
  readonly work: StockWork;
}

/** Another transaction held some of the items; nothing was written. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
  /** Those counters that were held; none when only other items were. */
  readonly counters: readonly string[];
  override readonly cause: DomainError;

  constructor(counters: readonly string[], cause: DomainError) {
    super("Another transaction holds these counters");
    this.counters = counters;
    this.cause = cause;
  }
}

/**
 * Writes the members in one transaction, once.
 *
 * @returns undefined when written, or the members that were refused
 * @throws ConflictError
 * @throws DomainError those of the storage
 */
export const writeGroup = async <M extends Member>(
  shop: Parts,
  members: readonly M[],
): Promise<Map<M, Refusals> | undefined> => {
  const items = members.flatMap(({ work }) => work.items);
  const counters = Map.groupBy(
    members.flatMap(({ work }) => work.movements),
    counterOf,
  );
  // The order of items is fixed, so that two transactions meet on the same item first.
  const updates = [...counters].sort(([a], [b]) => (a < b ? -1 : 1));
  const all = [...items, ...updates.map(([, movements]) => moveStock(shop, movements))];
  const refusals = await transact(shop.db, all).catch((error) => {
    const held = heldBy(error);
    throw held
      ? new ConflictError(
          updates.flatMap(([counter], at) => (held.has(items.length + at) ? [counter] : [])),
          error,
        )
      : error;
  });
  if (!refusals) return undefined;
  const left = new Map<string, Left>();
  for (const [at, [counter]] of updates.entries()) {
    const reason = refusals[items.length + at];
    if (reason) left.set(counter, leftOn(reason.Item));
  }
  return refusedOf(members, refusals, left);
};

/** Positions of items in other transactions, where that is why nothing was written; otherwise undefined. */
const heldBy = (error: unknown): ReadonlySet<number> | undefined => {
  if (!(error instanceof DomainError) || error.code !== "STORAGE_CONFLICT") return undefined;
  // Not of one in progress: that may have been written.
  if (!(error.cause instanceof TransactionCanceledException)) return undefined;
  const reasons = error.cause.CancellationReasons ?? [];
  return new Set(reasons.flatMap(({ Code }, at) => (Code === "TransactionConflict" ? [at] : [])));
};
