import type { CartWrite, FloatingWrite, Sighting } from "./cart-search.ts";
import type { Violation } from "./finding.ts";

/** A write that may have been made. */
interface Candidate {
  readonly write: CartWrite;
  readonly isCertain: boolean;
  readonly label: string;
}

type Refutation = Pick<Violation, "kind" | "message">;

/**
 * Looks for what no order of a cart's writes could explain, by counting alone: versions, and pieces product by
 * product. It costs little where the search would take for ever, and is one-sided: what it finds is certainly
 * wrong, what it does not find may still be.
 *
 * @param sightings in order of version, the stored cart last
 */
export const refuteByCounting = (
  user: string,
  sightings: readonly Sighting[],
  floating: readonly FloatingWrite[],
): Violation | undefined => {
  const placed = sightings.flatMap(({ action, label }) =>
    action ? [{ write: action, isCertain: true, label }] : [],
  );
  const candidates: Candidate[] = [...placed, ...floating];
  const products = new Set([
    ...sightings.flatMap(({ quantities }) => Object.keys(quantities)),
    ...candidates.flatMap(({ write }) => Object.keys("lines" in write ? write.lines : {})),
  ]);
  const version = sightings.at(-1)?.version ?? 0;
  const findings = [
    refuteVersion(version, candidates),
    ...[...products].map((product) => refutePieces(product, sightings, candidates)),
  ];
  const refuted = findings.find((finding) => finding !== undefined);
  return refuted && { ...refuted, message: `cart of ${user}: ${refuted.message}`, subject: { cart: user } };
};

/** Each write makes the version one higher. */
const refuteVersion = (version: number, candidates: readonly Candidate[]): Refutation | undefined => {
  const certain = candidates.filter(({ isCertain }) => isCertain).length;
  if (version < certain) {
    return { kind: "lost", message: `its version is ${version}, but ${certain} writes have been made` };
  }
  if (version <= candidates.length) return undefined;
  const message = `its version is ${version}, but only ${candidates.length} writes can have been made`;
  return { kind: "duplicate", message };
};

const refutePieces = (
  product: string,
  sightings: readonly Sighting[],
  candidates: readonly Candidate[],
): Refutation | undefined => {
  const own = candidates.filter(({ write }) => "lines" in write || String(write.product) === product);
  const raises = own.flatMap(({ write, isCertain }) => {
    const pieces = raiseOf(write, product);
    return pieces > 0 ? [{ pieces, isCertain }] : [];
  });
  const puts = own.flatMap(({ write }) => (write.f === "put" ? write.quantity : []));
  const taken = own.flatMap(({ write, label }) =>
    write.f === "take" ? [{ pieces: write.lines[product] ?? 0, label }] : [],
  );
  const seen = sightings.map(({ quantities, label }) => ({ pieces: quantities[product] ?? 0, label }));

  const makeable = sumsOf([0, ...puts], raises, Math.max(...[...seen, ...taken].map(({ pieces }) => pieces)));
  const odd = [...seen, ...taken].find(({ pieces }) => !makeable.has(pieces));
  if (odd) {
    const what = `${odd.pieces} of product ${product}, which its additions make in no way`;
    return { kind: "duplicate", message: `${odd.label} has ${what}` };
  }

  const gone = taken.reduce((sum, { pieces }) => sum + pieces, 0) + (seen.at(-1)?.pieces ?? 0);
  const balance = `${gone} of product ${product} were ordered or are left`;
  const most = total(raises) + puts.reduce((sum, pieces) => sum + pieces, 0);
  if (gone > most) return { kind: "duplicate", message: `${balance}, but at most ${most} were added` };
  // Setting and removing lets pieces go that nothing counts.
  if (own.some(({ write }) => write.f === "put" || write.f === "remove")) return undefined;
  const least = total(raises.filter(({ isCertain }) => isCertain));
  if (gone < least) return { kind: "lost", message: `${balance}, but ${least} were added` };
  const unsure = raises.filter(({ isCertain }) => !isCertain);
  if (sumsOf([least], unsure, gone).has(gone)) return undefined;
  return { kind: "wrong", message: `${balance}, which its additions make in no way` };
};

interface Raise {
  readonly pieces: number;
  readonly isCertain: boolean;
}

const raiseOf = (write: CartWrite, product: string): number => {
  if (write.f === "add") return write.quantity;
  return write.f === "give-back" ? (write.lines[product] ?? 0) : 0;
};

const total = (raises: readonly Raise[]): number => raises.reduce((sum, { pieces }) => sum + pieces, 0);

/** All that some of the raises make of one of the beginnings, up to a limit. */
const sumsOf = (beginnings: readonly number[], raises: readonly Raise[], limit: number): Set<number> => {
  const sums = new Set(beginnings);
  for (const { pieces } of raises) {
    for (const sum of [...sums]) if (sum + pieces <= limit) sums.add(sum + pieces);
  }
  return sums;
};
