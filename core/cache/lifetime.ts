import type { Entry } from "./entry.ts";

/** Lifetimes in milliseconds. */
export interface Lifetime {
  /** Served without a thought. */
  readonly soft: number;
  /** Served when there is nothing better: while a refresh runs, or when the database fails. */
  readonly hard: number;
}

const JITTER = 0.1;

/** How long absence is believed: long enough against a flood of wrong ids, short enough for a new product. */
export const ABSENT: Lifetime = { soft: 5_000, hard: 10_000 };

/** Longer than any load may take, so that no load that began before the write can outlive its tombstone. */
export const TOMBSTONE_MS = 60_000;

/** A loaded value or absence as an entry. Lifetimes vary by 10 %, so that what was filled together does not expire together. */
export const loadedEntry = <V>(
  loaded: { value: V; version: number } | undefined,
  { asOf, loadMs, lifetime }: { asOf: number; loadMs: number; lifetime: Lifetime },
): Entry<V> => {
  const { soft, hard } = loaded ? lifetime : ABSENT;
  const stretch = 1 + JITTER * (2 * Math.random() - 1);
  return {
    kind: loaded ? "value" : "absent",
    value: loaded?.value,
    version: loaded?.version ?? 0,
    asOf,
    loadMs,
    softExpiry: asOf + soft * stretch,
    hardExpiry: asOf + hard * stretch,
    json: undefined,
  };
};

export const tombstone = (version: number, now: number): Entry<never> => ({
  kind: "tombstone",
  value: undefined,
  version,
  asOf: now,
  loadMs: 0,
  softExpiry: now + TOMBSTONE_MS,
  hardExpiry: now + TOMBSTONE_MS,
  json: undefined,
});

/** Beyond this many load times before expiry an early refresh has a chance of e^-12: not worth the logarithm. */
const FAR = 12;

/**
 * Whether a read should start a refresh though the entry has not expired: at random, the likelier the
 * nearer the expiry and the longer the load, so that of many readers about one refreshes in time.
 * Source: XFetch, in A. Vattani, F. Chierichetti, K. Lowenstein, "Optimal Probabilistic Cache Stampede
 * Prevention", PVLDB 8(8), 2015, with beta = 1.
 */
export const isDue = (entry: Entry<unknown>, now: number, random: () => number = Math.random): boolean => {
  const left = entry.softExpiry - now;
  if (left <= 0) return true;
  return left < FAR * entry.loadMs && -entry.loadMs * Math.log(random()) >= left;
};
