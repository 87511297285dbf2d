import { type Entry, jsonOf } from "./entry.ts";
import { ABSENT, TOMBSTONE_MS } from "./lifetime.ts";

/**
 * An entry as text, for tiers that keep bytes. Its version stands in front, where a Redis script finds it.
 *
 * @param era names the servers that hold the text (see heartbeat.ts)
 */
export const encodeEntry = (entry: Entry<unknown>, era: string): string => {
  const { kind, version, loadMs, softExpiry, hardExpiry } = entry;
  const value = kind === "value" ? jsonOf(entry) : "null";
  return `${version} ["${kind}",${loadMs},${softExpiry},${hardExpiry},${value},"${era}"]`;
};

/** The value of a key and version as it was read back; undefined for what is no such value. */
export type ParseValue<V> = (value: unknown, key: number, version: number) => V | undefined;

export interface DecodeOptions<V> {
  readonly key: number;
  /** When the reading of the text began: from then on a later write may have overtaken it. */
  readonly asOf: number;
  readonly era: string;
  /** No value lives longer than this, in milliseconds, whatever its text says. */
  readonly maxLifetime: number;
  readonly parseValue: ParseValue<V>;
}

/** The longest lifetimes of what is no value, in milliseconds. */
const LONGEST: ReadonlyMap<unknown, number> = new Map([
  ["tombstone", TOMBSTONE_MS],
  ["absent", 2 * ABSENT.hard],
]);

const isDuration = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0;

/**
 * An entry from its text, which may have been written by another version of this code or by anything else.
 *
 * @returns undefined for what is no valid entry of the key, and for values of another era: their servers may
 * have lost the tombstones of later writes. Tombstones of any era are true.
 */
export const decodeEntry = <V>(text: string, options: DecodeOptions<V>): Entry<V> | undefined => {
  const space = text.indexOf(" ");
  const version = Number(text.slice(0, space));
  if (space < 1 || !Number.isSafeInteger(version) || version < 0) return undefined;
  const fields = parsed(text.slice(space + 1));
  if (!Array.isArray(fields)) return undefined;
  const [kind, loadMs, soft, hard, content, era] = fields;
  if (!isDuration(loadMs) || !isDuration(soft) || !isDuration(hard)) return undefined;
  const { asOf, key, maxLifetime, parseValue } = options;
  const value = kind === "value" ? parseValue(content, key, version) : undefined;
  const isValid =
    kind === "tombstone" ||
    (era === options.era && (kind === "absent" ? version === 0 : value !== undefined));
  if (!isValid) return undefined;
  const hardExpiry = Math.min(hard, asOf + (LONGEST.get(kind) ?? maxLifetime));
  const softExpiry = Math.min(soft, hardExpiry);
  return { kind, value, version, asOf, loadMs, softExpiry, hardExpiry, json: undefined };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
