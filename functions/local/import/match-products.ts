import type { ImportRecord } from "./records.ts";
import type { Variant } from "./row.ts";

/** A variant of a file, at its place among those of its product, from 1, with what it was before. */
export interface Matched {
  readonly variant: Variant;
  readonly position: number;
  readonly record: ImportRecord | undefined;
}

type Placed = Omit<Matched, "record">;

/**
 * Finds which variant of a product each one of a file is. In this order, each time among those still left:
 * the same option values; the same SKU, where it is one variant's alone; the same position, unless their
 * SKUs differ. Takes time in proportion to the variants.
 *
 * @returns the file's variants in order, and the records of variants that the file no longer has
 */
export const matchVariants = (
  records: readonly ImportRecord[],
  variants: readonly Variant[],
): { matched: Matched[]; gone: ImportRecord[] } => {
  const open = new Set(records);
  const found = new Map<Variant, ImportRecord>();
  const placed = variants.map((variant, index) => ({ variant, position: index + 1 }));

  const pair = (
    keyOfRecord: (record: ImportRecord) => string,
    keyOf: (placed: Placed) => string,
    isPair: (record: ImportRecord, variant: Variant) => boolean = () => true,
  ): void => {
    const left = placed.filter(({ variant }) => !found.has(variant));
    const candidates = uniqueBy(open, keyOfRecord);
    for (const [key, { variant }] of uniqueBy(left, keyOf)) {
      const record = candidates.get(key);
      if (!record || !isPair(record, variant)) continue;
      found.set(variant, record);
      open.delete(record);
    }
  };

  pair(
    ({ options }) => JSON.stringify(options),
    ({ variant }) => JSON.stringify(variant.options),
  );
  pair(
    ({ sku }) => sku,
    ({ variant }) => variant.sku,
  );
  pair(
    ({ position }) => (position > 0 ? String(position) : ""),
    ({ position }) => String(position),
    (record, { sku }) => record.sku === sku || record.sku === "" || sku === "",
  );
  return {
    matched: placed.map((item) => ({ ...item, record: found.get(item.variant) })),
    gone: [...open],
  };
};

/** The items whose key is theirs alone; "" is no key. */
const uniqueBy = <T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T> => {
  const unique = new Map<string, T>();
  const repeated = new Set<string>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === "") continue;
    if (unique.has(key)) repeated.add(key);
    unique.set(key, item);
  }
  for (const key of repeated) unique.delete(key);
  return unique;
};
