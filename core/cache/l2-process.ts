import { LRUCache } from "lru-cache";
import { type Entry, supersedes } from "./entry.ts";
import { decodeEntry, encodeEntry } from "./entry-codec.ts";
import type { L2 } from "./l2.ts";
import { tombstone } from "./lifetime.ts";

/** Values that this process wrote itself need no check. */
const TRUSTED = { era: "", maxLifetime: Number.POSITIVE_INFINITY };

/** Bytes an entry costs beside its text. */
const OVERHEAD = 200;

/**
 * The second tier where there is no Redis: the same interface over this process's own memory, entries kept
 * as text as Redis keeps them. Other processes know nothing of it.
 */
export const openProcessL2 = <V>(maxBytes: number, now: () => number): L2<V> => {
  const store = new LRUCache<number, string>({
    maxSize: maxBytes,
    sizeCalculation: (text) => OVERHEAD + 2 * text.length,
  });
  const read = (key: number): Entry<V> | undefined => {
    const text = store.get(key);
    if (text === undefined) return undefined;
    const entry = decodeEntry<V>(text, { ...TRUSTED, key, asOf: now(), parseValue: (value) => value as V });
    if (entry && entry.hardExpiry > now()) return entry;
    store.delete(key);
    return undefined;
  };
  const write = (key: number, entry: Entry<V>): void => {
    if (supersedes(entry, read(key))) store.set(key, encodeEntry(entry, TRUSTED.era));
  };
  return {
    name: "process",
    isUsable: () => true,
    get: async (key) => read(key),
    put: async (key, entry) => write(key, entry),
    invalidate: async (key, version) => write(key, tombstone(version, now())),
    // Loads are collapsed within a process already.
    acquire: async () => "mine",
    release: async () => undefined,
    caughtUp: async () => undefined,
    close: async () => undefined,
  };
};
