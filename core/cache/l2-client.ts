import { inSpan } from "../tracing/span.ts";
import type { CacheStats } from "./cache-stats.ts";
import type { Entry } from "./entry.ts";
import { type L2, type Lease, UNTRUSTED } from "./l2.ts";

/** How long a reader waits for the process that holds the lease, and how often it looks. */
const LEASE_WAIT_MS = 500;
const LEASE_POLL_MS = 10;

/** The tier failed or is away: for this reading it is not asked again. */
export const NO_ANSWER = Symbol("no answer");
export type NoAnswer = typeof NO_ANSWER;

/** Decides whether a call reaches the second tier, and what stands around it. */
export interface L2Policy {
  readonly admits: () => boolean;
  readonly execute: <T>(call: () => Promise<T>) => Promise<T>;
}

const NO_POLICY: L2Policy = { admits: () => true, execute: (call) => call() };

export interface L2ClientOptions<V> {
  readonly l2: L2<V>;
  readonly policy?: L2Policy | undefined;
  readonly stats: CacheStats;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly onLatency?: ((tier: L2<V>["name"], ms: number) => void) | undefined;
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * The only way to the second tier. Failures are counted and treated as misses; they never fail a read. A read waits
 * for one command timeout at most: after the first failure it goes on without the tier.
 */
export const openL2Client = <V>(options: L2ClientOptions<V>) => {
  const { l2, policy = NO_POLICY, stats, now, sleep, onLatency, onError } = options;
  const fills = new Set<Promise<unknown>>();

  const attempt = async <T>(call: () => Promise<T>): Promise<T | NoAnswer> => {
    try {
      return await call();
    } catch (error) {
      stats.l2.errors += 1;
      onError?.(error);
      return NO_ANSWER;
    }
  };
  const guarded = <T>(call: () => Promise<T>): Promise<T | NoAnswer> => attempt(() => policy.execute(call));

  const isUsable = (): boolean => l2.isUsable() && policy.admits();

  return {
    name: l2.name,
    isUsable,

    /** Reads an entry as it is, for comparing the tiers. Rejects when the tier does not answer. */
    get: (key: number) => policy.execute(() => l2.get(key)),

    /** The entry under a key that may still be served, or its tombstone. */
    async ask(key: number): Promise<Entry<V> | typeof UNTRUSTED | NoAnswer | undefined> {
      if (!isUsable()) return NO_ANSWER;
      const startedAt = performance.now();
      const entry = await inSpan(`${l2.name} get`, "client", undefined, () => guarded(() => l2.get(key)));
      onLatency?.(l2.name, performance.now() - startedAt);
      if (typeof entry === "object" && now() < entry.hardExpiry) return entry;
      stats.l2.misses += 1;
      if (entry === UNTRUSTED) stats.l2.untrusted += 1;
      return typeof entry === "symbol" ? entry : undefined;
    },

    /** The lease to load a key; undefined when another process has it. */
    acquire: (key: number): Promise<Lease | undefined | NoAnswer> => guarded(() => l2.acquire(key)),

    /** Waits a little for the holder of the lease to fill the key with something that may be served. */
    async awaitFill(key: number, isServable: (entry: Entry<V>) => boolean): Promise<Entry<V> | undefined> {
      for (const giveUpAt = now() + LEASE_WAIT_MS; now() < giveUpAt; ) {
        await sleep(LEASE_POLL_MS);
        const entry = await guarded(() => l2.get(key));
        if (entry === NO_ANSWER) return undefined;
        if (typeof entry === "object" && isServable(entry)) return entry;
      }
      return undefined;
    },

    /** Fills the key, on the side: the reader has its answer already. */
    fill(key: number, entry: Entry<V>, lease: Lease | undefined): void {
      if (lease === undefined && !isUsable()) return;
      stats.l2.writes += 1;
      const fill = guarded(() => l2.put(key, entry, lease)).finally(() => fills.delete(fill));
      fills.add(fill);
    },

    release(key: number, lease: Lease | undefined): void {
      if (lease !== undefined) void guarded(() => l2.release(key, lease));
    },

    /** Not behind the policy: the tier keeps a tombstone that it can't put now, and puts it later. */
    async invalidate(key: number, version: number): Promise<void> {
      await attempt(() => l2.invalidate(key, version));
    },

    /** Resolves once all fills begun so far have ended. */
    filled: async (): Promise<void> => {
      await Promise.all(fills);
    },

    /** Resolves once the tier has everything: fills and tombstones. Never, if it stays away. */
    settled: async (): Promise<void> => {
      await Promise.all([...fills, l2.caughtUp()]);
    },

    /** Makes another call that a read must not fail for, such as a message to the other processes. */
    attempt,
  };
};
