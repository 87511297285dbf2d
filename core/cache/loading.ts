import type { CacheStats } from "./cache-stats.ts";
import type { Entry } from "./entry.ts";
import { loadedEntry } from "./lifetime.ts";
import type { Loaded, TieredCacheOptions } from "./reading.ts";

/** Attempts after which a load that writes keep overtaking is handed out: it was current when it began. */
const MAX_LOADS = 4;

export interface LoadingOptions<V>
  extends Pick<TieredCacheOptions<V>, "load" | "loadAlone" | "lifetimeOf" | "now" | "onLatency"> {
  readonly stats: CacheStats;
  /** The lowest version of a key that may be served. */
  readonly floorOf: (key: number) => number;
}

/** Reads from the database, counted and timed. */
export const openLoading = <V>(options: LoadingOptions<V>) => {
  const { stats, floorOf, lifetimeOf, now, onLatency } = options;

  const timed = async (key: number, load: () => Promise<Loaded<V>>): Promise<Entry<V>> => {
    const asOf = now();
    const startedAt = performance.now();
    stats.loads += 1;
    try {
      const loaded = await load();
      const loadMs = performance.now() - startedAt;
      onLatency?.("dynamodb", loadMs);
      return loadedEntry(loaded, { asOf, loadMs, lifetime: lifetimeOf(key) });
    } catch (error) {
      stats.loadErrors += 1;
      throw error;
    }
  };

  return {
    loadAlone: (key: number): Promise<Entry<V>> => timed(key, () => options.loadAlone(key)),

    /**
     * Loads until no write has overtaken the load.
     *
     * @param isConsistent whether the load must see every write acknowledged before it, known here or not
     */
    async loadCurrent(key: number, isConsistent: boolean): Promise<Entry<V>> {
      for (let loads = 1; ; loads++) {
        const entry = await timed(key, () => options.load(key, isConsistent || floorOf(key) > 0));
        if (entry.version >= floorOf(key) || loads === MAX_LOADS) return entry;
        stats.overtaken += 1;
      }
    },
  };
};
