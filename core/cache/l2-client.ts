import type { CacheStats } from "./cache-stats.ts";
import type { Entry } from "./entry.ts";
import { type Lease, type SecondTier, UNTRUSTED } from "./l2.ts";

/** How long a reader waits for the process that holds the lease, and how often it looks. */
const LEASE_WAIT_MS = 500;
const LEASE_POLL_MS = 10;

/** The tier failed or is away: for this reading it is not asked again. */
export const NO_ANSWER = Symbol("no answer");
export type NoAnswer = typeof NO_ANSWER;

export interface SecondAccessOptions<V> {
  readonly second: SecondTier<V>;
  readonly stats: CacheStats;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly onLatency?: ((tier: SecondTier<V>["name"], ms: number) => void) | undefined;
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * The second tier as readings use it: its failures cost a count each and never an answer. A reading waits
 * for one command's timeout at the most, since whoever gets no answer goes on without the tier.
 */
export const openSecondAccess = <V>(options: SecondAccessOptions<V>) => {
  const { second, stats, now, sleep, onLatency, onError } = options;
  const fills = new Set<Promise<unknown>>();

  const attempt = async <T>(call: () => Promise<T>): Promise<T | NoAnswer> => {
    try {
      return await call();
    } catch (error) {
      stats.second.errors += 1;
      onError?.(error);
      return NO_ANSWER;
    }
  };

  return {
    name: second.name,

    /** What the tier has under a key that may still be served, tombstones too. */
    async ask(key: number): Promise<Entry<V> | typeof UNTRUSTED | NoAnswer | undefined> {
      if (!second.isUsable()) return NO_ANSWER;
      const startedAt = performance.now();
      const entry = await attempt(() => second.get(key));
      onLatency?.(second.name, performance.now() - startedAt);
      if (typeof entry === "object" && now() < entry.hardExpiry) return entry;
      stats.second.misses += 1;
      if (entry === UNTRUSTED) stats.second.untrusted += 1;
      return typeof entry === "symbol" ? entry : undefined;
    },

    /** The lease to load a key; undefined when another process has it. */
    acquire: (key: number): Promise<Lease | undefined | NoAnswer> => attempt(() => second.acquire(key)),

    /** Waits a little for the holder of the lease to fill the key with something that may be served. */
    async awaitFill(key: number, isServable: (entry: Entry<V>) => boolean): Promise<Entry<V> | undefined> {
      for (const giveUpAt = now() + LEASE_WAIT_MS; now() < giveUpAt; ) {
        await sleep(LEASE_POLL_MS);
        const entry = await attempt(() => second.get(key));
        if (entry === NO_ANSWER) return undefined;
        if (typeof entry === "object" && isServable(entry)) return entry;
      }
      return undefined;
    },

    /** Fills the key, on the side: the reader has its answer already. */
    fill(key: number, entry: Entry<V>, lease: Lease | undefined): void {
      if (lease === undefined && !second.isUsable()) return;
      stats.second.writes += 1;
      const fill = attempt(() => second.put(key, entry, lease)).finally(() => fills.delete(fill));
      fills.add(fill);
    },

    release(key: number, lease: Lease | undefined): void {
      if (lease !== undefined) void attempt(() => second.release(key, lease));
    },

    /** Once all fills begun so far have ended. */
    settled: async (): Promise<void> => {
      await Promise.all(fills);
    },

    attempt,
  };
};
