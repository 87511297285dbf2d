import { decodeTime, ulid } from "ulid";

/** Slots of a cart that remember operations: as many changes of one cart may be under way without meeting in a slot. */
const SLOTS = 16;

/**
 * One change of a cart, by which the cart knows it again: a change whose answer got lost is made again and counts once.
 *
 * The cart remembers the latest operation of each slot, so what it remembers is bounded. Ids are ULIDs and a slot takes
 * only later ones: an operation that another has overwritten is refused rather than applied twice.
 */
export interface Operation {
  readonly id: string;
  /** The cart's attribute that remembers it. */
  readonly slot: `op${number}`;
}

/** The operations that a cart remembers, by slot. */
export interface Remembered {
  readonly [slot: `op${number}`]: string;
}

export const operationOf = (id: string): Operation => ({
  id,
  slot: `op${id.charCodeAt(id.length - 1) % SLOTS}`,
});

/** @param item the cart that refused an operation; the new one is later than any that it remembers */
export const newOperation = (now: number, item?: Remembered): Operation =>
  operationOf(ulid(Math.max(now, latestOf(item) + 1)));

const latestOf = (item: Remembered | undefined): number =>
  Math.max(0, ...remembered(item).map((id) => decodeTime(id)));

const remembered = (item: Remembered | undefined): string[] =>
  Array.from({ length: SLOTS }, (_, slot) => item?.[`op${slot}`]).filter((id) => id !== undefined);

/** Whether the cart shows that the operation was applied. */
export const isApplied = (item: Remembered | undefined, { id, slot }: Operation): boolean =>
  item?.[slot] === id;

/** Whether a later operation has taken the slot, so that the cart no longer tells. */
export const isOvertaken = (item: Remembered | undefined, { id, slot }: Operation): boolean =>
  (item?.[slot] ?? "") > id;
