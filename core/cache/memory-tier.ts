import { LRUCache } from "lru-cache";
import { type Entry, supersedes } from "./entry.ts";

/** What an entry costs beside its value: the objects around it and its place in the LRU list, in bytes. */
const OVERHEAD = 300;

/** Entries in process memory, bounded by their bytes. Never puts an older version over a newer one. */
export interface MemoryTier<V> {
  readonly get: (key: number) => Entry<V> | undefined;
  /** @param bytes size of the value as text; its objects in memory come to about twice as much */
  readonly put: (key: number, entry: Entry<V>, bytes?: number) => boolean;
  /** Forgets values and absences; what tombstones know of writes stays. */
  readonly clear: () => void;
  readonly size: () => { entries: number; bytes: number };
}

export const openMemoryTier = <V>(maxBytes: number): MemoryTier<V> => {
  const store = new LRUCache<number, Entry<V>>({ maxSize: maxBytes, maxEntrySize: maxBytes });
  return {
    get: (key) => store.get(key),
    put: (key, entry, bytes = 0) => {
      if (!supersedes(entry, store.peek(key))) return false;
      store.set(key, entry, { size: OVERHEAD + 2 * bytes });
      return true;
    },
    clear: () => {
      const tombstones = [...store.entries()].filter(([, { kind }]) => kind === "tombstone");
      store.clear();
      for (const [key, entry] of tombstones) store.set(key, entry, { size: OVERHEAD });
    },
    size: () => ({ entries: store.size, bytes: store.calculatedSize }),
  };
};
