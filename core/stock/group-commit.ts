import type { Config } from "../config/config.ts";
import { DomainError } from "../errors.ts";
import { currentRequest, runInRequestScope } from "../request-scope.ts";
import type { Database } from "../storage/database.ts";
import { type Refusals, transact } from "../storage/transact.ts";
import type { TableNames } from "../tables.ts";
import { counterOf, moveStock } from "./counters.ts";
import { type Left, leftOn, refusedOf, type StockWork } from "./group-refusals.ts";

/** The limit of TransactWriteItems. */
const MAX_ITEMS = 100;
/** Milliseconds after which work goes on alone, should other counters of it never be free together. */
const MAX_WAIT = 500;

/** The parts of the shop that it uses. */
interface Parts {
  readonly db: Database;
  readonly tables: TableNames;
  readonly config: Config;
}

interface Member {
  readonly work: StockWork;
  readonly counters: ReadonlySet<string>;
  readonly since: number;
  readonly resolve: (refusals: Refusals | undefined) => void;
  readonly reject: (error: unknown) => void;
  isOver: boolean;
}

export interface GroupCommit {
  /**
   * Writes all of it or nothing.
   *
   * @returns undefined when written, or the refused conditions: by the items, then by the movements
   * @throws DomainError those of the storage, `DEADLINE_EXCEEDED` when the request's time is up
   */
  readonly commit: (work: StockWork) => Promise<Refusals | undefined>;
}

/**
 * Commits the stock movements of one process. DynamoDB holds an item for as long as a transaction on it takes and cancels
 * others meanwhile, so a counter that many buy from would pass some 45 transactions a second and refuse the rest. Here
 * work on a counter that is in a transaction waits for its end, and then all that waits goes into one transaction
 * together. Work on counters that are free is sent at once and alone.
 */
export const openGroupCommit = (shop: Parts): GroupCommit => {
  const busy = new Set<string>();
  let waiting: Member[] = [];

  const isFree = ({ counters, since }: Member): boolean =>
    performance.now() - since > MAX_WAIT || [...counters].every((counter) => !busy.has(counter));

  /** The next group: the one that has waited longest, and what shares a counter with it and can go as well. */
  const nextGroup = (): Member[] => {
    const first = waiting.find(isFree);
    if (!first) return [];
    const group = [first];
    const counters = new Set(first.counters);
    const users = new Set([first.work.userId]);
    let items = first.work.items.length;
    for (const other of waiting) {
      if (other === first) continue;
      const own = [...other.counters];
      const fits =
        !users.has(other.work.userId) &&
        own.some((counter) => counters.has(counter)) &&
        own.every((counter) => counters.has(counter) || !busy.has(counter)) &&
        items + other.work.items.length + new Set([...counters, ...own]).size <= MAX_ITEMS;
      if (!fits) continue;
      group.push(other);
      items += other.work.items.length;
      users.add(other.work.userId);
      for (const counter of own) counters.add(counter);
    }
    return group;
  };

  const startGroups = (): void => {
    waiting = waiting.filter(({ isOver }) => !isOver);
    for (let group = nextGroup(); group.length > 0; group = nextGroup()) {
      const members = new Set(group);
      waiting = waiting.filter((member) => !members.has(member));
      void run(group);
    }
  };

  const run = async (group: readonly Member[]): Promise<void> => {
    const counters = new Set(group.flatMap((member) => [...member.counters]));
    for (const counter of counters) busy.add(counter);
    const signal = AbortSignal.timeout(shop.config.http.requestDeadline);
    // Not of any one request: what ends one member's time must not end that of the others.
    const scope = { requestId: "group-commit", hasAskedStorage: true, signal };
    let members = group;
    try {
      while (members.length > 0) {
        const refused = await runInRequestScope(scope, () => write(shop, members));
        for (const member of members) {
          const refusals = refused?.get(member);
          if (!refused || refusals) member.resolve(refusals);
        }
        members = refused ? members.filter((member) => !refused.has(member)) : [];
      }
    } catch (error) {
      for (const member of members) member.reject(error);
    } finally {
      for (const counter of counters) busy.delete(counter);
      startGroups();
    }
  };

  return {
    commit(work) {
      const request = currentRequest();
      if (request?.signal?.aborted) return Promise.reject(outOfTime());
      if (request) request.hasAskedStorage = true;
      return new Promise((resolve, reject) => {
        const member: Member = {
          work,
          counters: new Set(work.movements.map(counterOf)),
          since: performance.now(),
          resolve,
          reject,
          isOver: false,
        };
        request?.signal?.addEventListener("abort", () => {
          member.isOver = true;
          reject(outOfTime());
        });
        waiting.push(member);
        // The others wait for counters that are busy, and are looked at when these become free.
        if (isFree(member)) startGroups();
      });
    },
  };
};

const outOfTime = () =>
  new DomainError("DEADLINE_EXCEEDED", "The request ran out of time waiting for storage", {
    retryAfterSeconds: 1,
  });

/** Writes the members in one transaction. @returns undefined when written, or the members that were refused */
const write = async (shop: Parts, members: readonly Member[]): Promise<Map<Member, Refusals> | undefined> => {
  const items = members.flatMap(({ work }) => work.items);
  const counters = Map.groupBy(
    members.flatMap(({ work }) => work.movements),
    counterOf,
  );
  // The order of items is fixed, so that two transactions meet on the same item first.
  const updates = [...counters].sort(([a], [b]) => (a < b ? -1 : 1));
  const refusals = await transact(shop.db, [
    ...items,
    ...updates.map(([, movements]) => moveStock(shop, movements)),
  ]);
  if (!refusals) return undefined;
  const left = new Map<string, Left>();
  for (const [at, [counter]] of updates.entries()) {
    const reason = refusals[items.length + at];
    if (reason) left.set(counter, leftOn(reason.Item));
  }
  return refusedOf(members, refusals, left);
};
