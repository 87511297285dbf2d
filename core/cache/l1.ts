import { LRUCache } from "lru-cache";
import { compact, type Entry, jsonOf, supersedes } from "./entry.ts";

/** Bytes an entry costs beside its value: the objects around it and its place in the LRU list. */
const OVERHEAD = 300;

/** How often absences and tombstones that have expired are removed. */
const SWEEP_MS = 1_000;

/** An entry's estimated size in bytes. A value is held as the text of its answers. */
const sizeOf = (entry: Entry<unknown>): number =>
  entry.kind === "value" ? OVERHEAD + Buffer.byteLength(jsonOf(entry)) : OVERHEAD;

/** Entries in process memory, bounded by their bytes. Never puts an older version over a newer one. */
export interface L1<V> {
  readonly get: (key: number) => Entry<V> | undefined;
  readonly put: (key: number, entry: Entry<V>) => boolean;
  /** Forgets values and absences; what tombstones know of writes stays. */
  readonly clear: () => void;
  readonly size: () => { entries: number; bytes: number };
  readonly close: () => void;
}

/**
 * Absences and tombstones go when they expire, since anybody can make as many as there are numbers. Values
 * are bounded by what the database has, and make room when the memory is needed.
 */
export const openL1 = <V>(maxBytes: number, now: () => number): L1<V> => {
  /** Keys by kind, each in about the order in which they expire: every kind has one lifetime. */
  const passing = { absent: new Set<number>(), tombstone: new Set<number>() };
  const store = new LRUCache<number, Entry<V>>({
    maxSize: maxBytes,
    maxEntrySize: maxBytes,
    dispose: ({ kind }, key) => {
      if (kind !== "value") passing[kind].delete(key);
    },
  });

  const sweep = (): void => {
    for (const keys of [passing.absent, passing.tombstone]) {
      for (const key of keys) {
        const entry = store.peek(key);
        if (entry && entry.hardExpiry > now()) break;
        store.delete(key);
      }
    }
  };
  const sweeping = setInterval(sweep, SWEEP_MS);
  sweeping.unref?.();

  return {
    get: (key) => store.get(key),
    put: (key, entry) => {
      if (!supersedes(entry, store.peek(key))) return false;
      store.set(key, compact(entry), { size: sizeOf(entry) });
      if (entry.kind !== "value") passing[entry.kind].add(key);
      return true;
    },
    clear: () => {
      const tombstones = [...passing.tombstone].flatMap((key): [number, Entry<V>][] => {
        const entry = store.peek(key);
        return entry ? [[key, entry]] : [];
      });
      store.clear();
      for (const [key, entry] of tombstones) {
        store.set(key, entry, { size: OVERHEAD });
        passing.tombstone.add(key);
      }
    },
    size: () => ({ entries: store.size, bytes: store.calculatedSize }),
    close: () => clearInterval(sweeping),
  };
};
