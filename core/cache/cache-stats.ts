/** Counters of a cache since the process started. Plain numbers: a hit costs one addition. */
export const newCacheStats = () => ({
  l1: { hits: 0, misses: 0 },
  /** `untrusted`: entries that were not believed, and count as misses too. */
  l2: { hits: 0, misses: 0, errors: 0, writes: 0, untrusted: 0 },
  /** Keys read from the database. */
  loads: 0,
  loadErrors: 0,
  /** Reads that shared another's load. */
  collapsed: 0,
  /** Reads answered past the soft expiry. */
  staleServed: 0,
  refreshes: 0,
  invalidations: 0,
  /** Loads thrown away because the key was written meanwhile. */
  overtaken: 0,
  /** Times memory was emptied because invalidations may have been missed. */
  flushes: 0,
});

export type CacheStats = ReturnType<typeof newCacheStats>;
