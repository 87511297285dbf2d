import type { StockWork } from "./group-refusals.ts";

/** The limit of TransactWriteItems. */
const MAX_ITEMS = 100;
/** Milliseconds after which counters are kept free for work whose counters were never free together. */
const MAX_WAIT = 500;

/** Work that waits for its counters. */
export interface Waiting {
  readonly work: Pick<StockWork, "userId" | "items">;
  readonly counters: ReadonlySet<string>;
  /** `performance.now()` when it came. */
  readonly since: number;
}

export const isFree = ({ counters }: Waiting, busy: ReadonlySet<string>): boolean =>
  [...counters].every((counter) => !busy.has(counter));

export const countersOf = (group: readonly Waiting[]): string[] => [
  ...new Set(group.flatMap(({ counters }) => [...counters])),
];

/**
 * Members of the next transaction: the work that has waited longest, and work that shares a counter with it and can go
 * as well. Empty when nothing can go.
 *
 * @param waiting in the order of their coming
 * @param busy counters that are in a transaction
 * @param onCounter one that it must move, if any
 */
export const nextGroup = <W extends Waiting>(
  waiting: readonly W[],
  busy: ReadonlySet<string>,
  onCounter?: string,
): W[] => {
  const kept = new Set<string>();
  let first: W | undefined;
  for (const member of waiting) {
    const own = [...member.counters];
    const isMeant = onCounter === undefined || member.counters.has(onCounter);
    if (isMeant && isFree(member, busy) && own.every((counter) => !kept.has(counter))) {
      first = member;
      break;
    }
    if (performance.now() - member.since > MAX_WAIT) for (const counter of own) kept.add(counter);
  }
  if (!first) return [];
  const group = [first];
  const counters = new Set(first.counters);
  const users = new Set([first.work.userId]);
  let items = first.work.items.length;
  for (const other of waiting) {
    const own = [...other.counters];
    const fits =
      !users.has(other.work.userId) &&
      own.some((counter) => counters.has(counter)) &&
      own.every((counter) => counters.has(counter) || !(busy.has(counter) || kept.has(counter))) &&
      items + other.work.items.length + new Set([...counters, ...own]).size <= MAX_ITEMS;
    if (!fits) continue;
    group.push(other);
    items += other.work.items.length;
    users.add(other.work.userId);
    for (const counter of own) counters.add(counter);
  }
  return group;
};
