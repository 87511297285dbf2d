import type { Refusals, TransactItem } from "../storage/transact.ts";
import { counterOf, type Movement } from "./counters.ts";

/** Writes that belong together: items of their own, and movements of stock. */
export interface StockWork {
  /** Owner of the cart and orders that it writes. One work of a user per group: a transaction may name an item once. */
  readonly userId: string;
  readonly items: readonly TransactItem[];
  readonly movements: readonly Movement[];
}

/** Pieces that a counter had when it refused a group. */
export interface Left {
  available: number;
  reserved: number;
}

export const leftOn = (item: Readonly<Record<string, { N?: string | undefined }>> = {}): Left => ({
  available: Number(item.available?.N ?? 0),
  reserved: Number(item.reserved?.N ?? 0),
});

/**
 * In their turn, members take what a refusing counter has left; a member that finds too little, or whose own items were
 * refused, is refused and takes nothing.
 */
export const refusedOf = <M extends { readonly work: StockWork }>(
  members: readonly M[],
  refusals: Refusals,
  left: ReadonlyMap<string, Left>,
): Map<M, Refusals> => {
  const refused = new Map<M, Refusals>();
  let at = 0;
  for (const member of members) {
    const { items, movements } = member.work;
    const own = refusals.slice(at, at + items.length);
    at += items.length;
    const isOut = own.some(Boolean);
    const short = movements.map((movement) => (!isOut && isShort(left, movement) ? SHORT : undefined));
    if (isOut || short.some(Boolean)) refused.set(member, [...own, ...short]);
    else for (const movement of movements) take(left, movement);
  }
  return refused;
};

const SHORT = { Code: "ConditionalCheckFailed" } as const;

/** The count that has to hold a movement's pieces; a put needs none. */
const COUNTS = {
  reserve: "available",
  take: "available",
  release: "reserved",
  sell: "reserved",
  put: undefined,
} as const;

/** A counter that refused nothing has no entry. */
const isShort = (left: ReadonlyMap<string, Left>, movement: Movement): boolean => {
  const [counter, count] = [left.get(counterOf(movement)), COUNTS[movement.kind]];
  return counter !== undefined && count !== undefined && counter[count] < movement.quantity;
};

const take = (left: ReadonlyMap<string, Left>, movement: Movement): void => {
  const [counter, count] = [left.get(counterOf(movement)), COUNTS[movement.kind]];
  if (counter && count) counter[count] -= movement.quantity;
};
