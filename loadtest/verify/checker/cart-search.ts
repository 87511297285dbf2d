import type { CartAction } from "./history.ts";

export type Quantities = Readonly<Record<string, number>>;

/** A cart as somebody saw it. Each write makes the version one higher. */
export interface Sighting {
  readonly version: number;
  readonly quantities: Quantities;
  /** The write whose answer this was; none for a read. */
  readonly action?: CartAction;
  /** The call that it answered; none for what is stored. */
  readonly call?: number;
  readonly invokedAt: number;
  readonly completedAt: number;
  readonly label: string;
}

/** A change of a cart: an operation, or an order that takes the cart as it stands or gives its lines back. */
export type CartWrite =
  | CartAction
  | { readonly f: "take"; readonly lines: Quantities }
  | { readonly f: "give-back"; readonly lines: Quantities };

/** A write whose place among the others is not known. */
export interface FloatingWrite {
  readonly write: CartWrite;
  /** Whether it has certainly been made; one with an unknown outcome may never have been. */
  readonly isCertain: boolean;
  readonly notBefore: number;
  readonly notAfter: number;
  /** The write that this one undoes, and so comes after. */
  readonly undoes?: FloatingWrite;
  /** The violation when a write that has certainly been made has no place. */
  readonly ifMissing: "lost" | "duplicate";
  /** Writes of the same name have the same effect. */
  readonly effect: string;
  readonly label: string;
}

export type SearchResult =
  | { readonly outcome: "explained" | "undecided" }
  | {
      readonly outcome: "unexplained";
      readonly after: Sighting;
      readonly at: Sighting;
      readonly reached: Quantities[];
      readonly missing: FloatingWrite | undefined;
    };

const MAX_STEPS = 50_000;

export const EMPTY: Sighting = {
  version: 0,
  quantities: {},
  invokedAt: -Infinity,
  completedAt: -Infinity,
  label: "the empty cart",
};

export const isSame = (a: Quantities, b: Quantities): boolean => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
};

export const plus = (a: Quantities, b: Quantities): Quantities => {
  const sum = { ...a };
  for (const [product, quantity] of Object.entries(b)) sum[product] = (sum[product] ?? 0) + quantity;
  return sum;
};

/** In how many products a cart differs from what a sighting's own write must have found. */
const differing = (cart: Quantities, { quantities, action }: Sighting): number => {
  const written = action && String(action.product);
  let count = 0;
  for (const product in cart) if (product !== written && cart[product] !== quantities[product]) count += 1;
  for (const product in quantities) if (product !== written && cart[product] === undefined) count += 1;
  return count;
};

/** The cart after a write, or undefined where it could not have been made: there is no line to be set. */
export const changed = (before: Quantities, write: CartWrite): Quantities | undefined => {
  if (write.f === "take") return isSame(before, write.lines) ? {} : undefined;
  if (write.f === "give-back") return plus(before, write.lines);
  if (write.f === "add") return { ...before, [write.product]: (before[write.product] ?? 0) + write.quantity };
  if (before[write.product] === undefined) return undefined;
  const { [String(write.product)]: _, ...others } = before;
  return write.f === "put" && write.quantity > 0 ? { ...others, [write.product]: write.quantity } : others;
};

/**
 * Looks for an order of the writes that explains every sighting of one cart: the writes whose version is
 * known stand still, those whose place is unknown are tried in the gaps between the versions. As a check for
 * linearizability it is exact, and cheap because the versions leave few gaps.
 *
 * @param sightings in order of version, the stored cart last
 */
export const explain = (sightings: readonly Sighting[], floating: readonly FloatingWrite[]): SearchResult => {
  const deadEnds = new Set<string>();
  const reached = new Map<number, Quantities[]>();
  const missing = new Map<number, FloatingWrite>();
  let steps = 0;
  let furthest = 0;

  /** The writes that have been made, as bits of a number. */
  const bits = new Map(floating.map((write, i) => [write, 1n << BigInt(i)]));
  const bitOf = (write: FloatingWrite): bigint => bits.get(write) ?? 0n;
  const writes = floating.map((write) => {
    return { ...write, bit: bitOf(write), needs: write.undoes ? bitOf(write.undoes) : 0n };
  });

  const changingAll = floating.reduce(
    (all, write) => ("lines" in write.write ? all | bitOf(write) : all),
    0n,
  );
  const mayChangeAll = (used: bigint): boolean => (used & changingAll) !== changingAll;

  /** In the stored cart, seen at the end of all times, also what nobody was ever told of must be. */
  const missingFrom = (used: bigint, by: number): FloatingWrite | undefined =>
    floating.find(
      (write) => write.isCertain && (write.notAfter < by || by === Infinity) && (used & bitOf(write)) === 0n,
    );

  const search = (index: number, version: number, before: Quantities, used: bigint): boolean => {
    const next = sightings[index];
    if (!next) return true;
    furthest = Math.max(furthest, index);
    let state = `${index} ${version} ${used}`;
    for (const product in before) state += ` ${product}:${before[product]}`;
    if (deadEnds.has(state)) return false;
    deadEnds.add(state);
    if (++steps > MAX_STEPS) return false;

    const gap = next.version - version - (next.action ? 1 : 0);
    if (gap < 0) return false;
    if (gap === 0) {
      const after = next.action ? changed(before, next.action) : before;
      if (!after) return false;
      const others = reached.get(index);
      if (others) others.push(after);
      else reached.set(index, [after]);
      if (!isSame(after, next.quantities)) return false;
      const lacking = missingFrom(used, next.invokedAt);
      if (lacking) missing.set(index, lacking);
      return !lacking && search(index + 1, next.version, after, used);
    }
    // Of writes with one effect that may never have been made, any stands for all: whichever is left can still be made
    // later. One that has certainly been made must find a place of its own.
    const tried = new Set<string>();
    return writes.some(({ write, effect, bit, needs, notBefore, isCertain }) => {
      if ((used & bit) !== 0n || next.completedAt < notBefore) return false;
      if (!isCertain && tried.has(effect)) return false;
      if ((used & needs) !== needs) return false;
      const after = changed(before, write);
      if (!after) return false;
      if (!isCertain) tried.add(effect);
      const using = used | bit;
      if (!mayChangeAll(using) && differing(after, next) > gap - 1) return false;
      return search(index, version + 1, after, using);
    });
  };

  if (search(0, 0, {}, 0n)) return { outcome: "explained" };
  const at = sightings[furthest];
  if (steps > MAX_STEPS || !at) return { outcome: "undecided" };
  const after = sightings[furthest - 1] ?? EMPTY;
  return {
    outcome: "unexplained",
    after,
    at,
    reached: reached.get(furthest) ?? [],
    missing: missing.get(furthest),
  };
};
