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

/** `CancellationReasons` of items that another transaction holds, and of those whose partitions have no units left. */
const HELD = "TransactionConflict";
const THROTTLED: ReadonlySet<string> = new Set(["ThrottlingError", "ProvisionedThroughputExceeded"]);

/** Nothing was written: other transactions held some of the items, or the partitions of some had no units left. */
export class NotWrittenError extends Error {
  override readonly name = "NotWrittenError";
  /** Those counters that other transactions held; none when only other items were held. */
  readonly held: readonly string[];
  /** Those counters that had no units left. */
  readonly throttled: readonly string[];
  /** Members whose own items had no units left: the others may be written without them. */
  readonly owners: ReadonlySet<Member>;
  override readonly cause: DomainError;

  constructor(
    { held, throttled, owners }: Pick<NotWrittenError, "held" | "throttled" | "owners">,
    cause: DomainError,
  ) {
    super("Other transactions or throttled partitions kept the group from being written");
    this.held = held;
    this.throttled = throttled;
    this.owners = owners;
    this.cause = cause;
  }
}

/**
 * Writes the members in one transaction, once.
 *
 * @returns undefined when written, or the members that were refused
 * @throws NotWrittenError
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
    const codes = cancelledBy(error);
    if (!codes) throw error;
    const countersWith = (isMeant: (code: string) => boolean): string[] =>
      updates.flatMap(([counter], at) => (isMeant(codes[items.length + at] ?? "") ? [counter] : []));
    throw new NotWrittenError(
      {
        held: countersWith((code) => code === HELD),
        throttled: countersWith((code) => THROTTLED.has(code)),
        owners: ownersOf(members, (at) => THROTTLED.has(codes[at] ?? "")),
      },
      error,
    );
  });
  if (!refusals) return undefined;
  const left = new Map<string, Left>();
  for (const [at, [counter]] of updates.entries()) {
    const reason = refusals[items.length + at];
    if (reason) left.set(counter, leftOn(reason.Item));
  }
  return refusedOf(members, refusals, left);
};

/** Members with an item at such a position. */
const ownersOf = <M extends Member>(
  members: readonly M[],
  isMeant: (position: number) => boolean,
): Set<M> => {
  let next = 0;
  return new Set(
    members.filter(({ work }) => {
      const first = next;
      next += work.items.length;
      return work.items.some((_, at) => isMeant(first + at));
    }),
  );
};

/** The reasons by position, where the service has cancelled the transaction for items that may be free a moment later. */
const cancelledBy = (error: unknown): readonly string[] | undefined => {
  // Not of one in progress, nor of one whose answer got lost: these may have been written.
  if (!(error instanceof DomainError && error.cause instanceof TransactionCanceledException))
    return undefined;
  if (error.code !== "STORAGE_CONFLICT" && error.code !== "STORAGE_UNAVAILABLE") return undefined;
  return (error.cause.CancellationReasons ?? []).map(({ Code = "None" }) => Code);
};
