// biome-ignore-all lint/style/noExcessiveLinesPerFile: the steps of a read share its flights, its memory and its era
import { setTimeout as pause } from "node:timers/promises";
import type { CacheMode } from "../redis/bus.ts";
import { inCacheSpan } from "./cache-span.ts";
import { newCacheStats } from "./cache-stats.ts";
import type { Entry } from "./entry.ts";
import { type Lease, UNTRUSTED } from "./l2.ts";
import { NO_ANSWER, openL2Client } from "./l2-client.ts";
import { isDue, tombstone } from "./lifetime.ts";
import { openLoading } from "./loading.ts";
import type { Reading, TieredCacheOptions } from "./reading.ts";

/** Memory is believed for so long after this process last heard everything said on the bus. */
export const BELIEVED_MS = 900;

/** While the bus is cut, what is read is loaded anew from this age, so that hot keys are never out of belief. */
const RENEWED_AFTER_MS = BELIEVED_MS / 2;

/** A reading under way, which later readers of the key may share. */
interface Flight<V> {
  readonly startedAt: number;
  readonly reading: Promise<Reading<V>>;
}

export type TieredCache<V> = ReturnType<typeof openTieredCache<V>>;

/**
 * Reads through process memory, then a shared second tier, then the database. A key is loaded by one reader
 * at a time in a process, and under a lease by one process at a time; nothing older than an acknowledged
 * write is served beyond the bus's delay, or {@link BELIEVED_MS} while the bus is cut.
 */
export const openTieredCache = <V>(options: TieredCacheOptions<V>) => {
  const { l1, bus, now, onRead, onLatency } = options;
  const stats = newCacheStats();
  const flights = new Map<number, Flight<V>>();
  const refreshing = new Set<number>();
  const l2 = openL2Client<V>({
    l2: options.l2,
    policy: options.l2Policy,
    stats,
    now,
    sleep: options.sleep ?? pause,
    onLatency,
    onError: options.onL2Error,
  });
  let mode = options.mode;
  /** Counts the flushes: a clock's milliseconds would not tell what began just before one from what began just after. */
  let era = 0;

  /** Drops what may be out of date, on the way too; what is known about writes stays. */
  const flush = (): void => {
    l1.clear();
    flights.clear();
    era += 1;
    stats.flushes += 1;
  };
  bus.onGap(flush);
  bus.onMessage((message) => {
    if (message.type === "invalidate") forget(message.key, message.version);
    if (message.type === "mode") switchTo(message.mode);
  });

  /** Each mode starts with an empty memory. */
  const switchTo = (next: CacheMode): void => {
    if (next === mode) return;
    mode = next;
    flush();
  };

  /** Whether a later write would have been received, or can't be older than the bound. */
  const isBelieved = (asOf: number, at: number): boolean =>
    at - asOf <= BELIEVED_MS || at - bus.heardUntil() <= BELIEVED_MS;

  /** Whether an entry is soon to be believed no more, because the bus is cut. */
  const isFading = (asOf: number, at: number): boolean =>
    at - asOf > RENEWED_AFTER_MS && at - bus.heardUntil() > RENEWED_AFTER_MS;

  /** The lowest version that may be served. */
  const floorOf = (key: number): number => l1.get(key)?.version ?? 0;

  /** Behind process memory, a second tier that is process memory too would keep every value again. */
  const isHeldTwice = (): boolean => mode === "tiered" && l2.name === "process";

  const loading = openLoading<V>({ ...options, stats, floorOf });

  const forget = (key: number, version: number): void => {
    stats.invalidations += 1;
    l1.put(key, tombstone(version, now()));
  };

  /** @param since the era in which the entry began to be looked for */
  const remember = (key: number, entry: Entry<V>, since: number): void => {
    // A value looked up before a flush may predate a write whose message was lost.
    if (mode === "tiered" && since === era) l1.put(key, entry);
  };

  /**
   * The synchronous path: an entry that memory may serve now. Starts a refresh when one is due.
   */
  const peek = (key: number): Entry<V> | undefined => {
    if (mode !== "tiered") return undefined;
    const entry = l1.get(key);
    const at = now();
    if (entry === undefined || entry.kind === "tombstone") return undefined;
    if (at >= entry.hardExpiry || !isBelieved(entry.asOf, at)) return undefined;
    stats.l1.hits += 1;
    onRead?.(key);
    if (isDue(entry, at) || isFading(entry.asOf, at)) {
      if (at >= entry.softExpiry) stats.staleServed += 1;
      refresh(key);
    }
    return entry;
  };

  /** The value of a key, from the nearest tier that has it. Rejects when the database fails and nothing stale is left. */
  const read = (key: number): Promise<Reading<V>> => {
    if (mode === "off") return inCacheSpan(() => readThrough(key));
    const hit = peek(key);
    if (hit) return Promise.resolve({ entry: hit, source: "memory", collapsed: false });
    if (mode === "tiered") stats.l1.misses += 1;
    onRead?.(key);
    const flight = flights.get(key);
    if (flight && isBelieved(flight.startedAt, now())) {
      stats.collapsed += 1;
      return inCacheSpan(() => flight.reading.then((reading) => ({ ...reading, collapsed: true })));
    }
    return inCacheSpan(() => takeOff(key));
  };

  const takeOff = (key: number): Promise<Reading<V>> => {
    const flight: Flight<V> = {
      startedAt: now(),
      reading: fetch(key).finally(() => {
        if (flights.get(key) === flight) flights.delete(key);
      }),
    };
    flights.set(key, flight);
    return flight.reading;
  };

  const readThrough = async (key: number): Promise<Reading<V>> => ({
    entry: await loading.loadAlone(key),
    source: "database",
    collapsed: false,
  });

  /** Whether an entry of the second tier may be served, as far as this process has heard. */
  const isServable = (key: number, entry: Entry<V>): boolean =>
    entry.kind !== "tombstone" && entry.version >= floorOf(key);

  const fetch = async (key: number): Promise<Reading<V>> => {
    const since = era;
    const found = await l2.ask(key);
    if (found === NO_ANSWER) return loadAndFill(key, undefined, since);
    if (typeof found === "object") {
      if (isServable(key, found)) return takeOver(key, found, since);
      // A tombstone in Redis is a write that may not have been heard here yet.
      if (found.kind === "tombstone") l1.put(key, found);
    }
    const lease = await l2.acquire(key);
    if (lease === undefined) {
      const filled = await l2.awaitFill(key, (entry) => isServable(key, entry));
      if (filled) return takeOver(key, filled, since);
    }
    return loadAndFill(key, lease === NO_ANSWER ? undefined : lease, since, found === UNTRUSTED);
  };

  /** Serves what the second tier had. */
  const takeOver = (key: number, entry: Entry<V>, since: number): Reading<V> => {
    stats.l2.hits += 1;
    remember(key, entry, since);
    const at = now();
    if (isDue(entry, at)) {
      if (at >= entry.softExpiry) stats.staleServed += 1;
      refresh(key);
    }
    return { entry, source: l2.name, collapsed: false };
  };

  /**
   * @param isConsistent because the second tier's value may belong to a write whose message has not arrived
   * here
   */
  const loadAndFill = async (
    key: number,
    lease: Lease | undefined,
    since: number,
    isConsistent = false,
  ): Promise<Reading<V>> => {
    let entry: Entry<V>;
    try {
      entry = await loading.loadCurrent(key, isConsistent);
    } catch (error) {
      l2.release(key, lease);
      const stale = l1.get(key);
      if (stale && stale.kind !== "tombstone" && now() < stale.hardExpiry) {
        stats.staleServed += 1;
        return { entry: stale, source: "stale", collapsed: false };
      }
      throw error;
    }
    remember(key, entry, since);
    // A second tier that was away meanwhile may have lost the tombstone of a write that overtook this load.
    if (since === era && !isHeldTwice()) l2.fill(key, entry, lease);
    else l2.release(key, lease);
    return { entry, source: "database", collapsed: false };
  };

  /**
   * Loads anew in the background, unless this process or another is at it.
   *
   * @param within milliseconds left to the soft expiry below which an entry of the second tier is too old
   */
  const refresh = (key: number, within = 0): void => {
    if (refreshing.has(key)) return;
    refreshing.add(key);
    const since = era;
    void (async () => {
      try {
        const found = await l2.ask(key);
        const isFresh = (entry: Entry<V>) => entry.softExpiry - now() > within && !isDue(entry, now());
        if (typeof found === "object" && isServable(key, found) && isFresh(found)) {
          remember(key, found, since);
          return;
        }
        const lease = found === NO_ANSWER ? NO_ANSWER : await l2.acquire(key);
        if (lease === undefined) return;
        stats.refreshes += 1;
        await loadAndFill(key, lease === NO_ANSWER ? undefined : lease, since, found === UNTRUSTED);
      } catch {
        // Counted as a load error; the entry is served until its hard expiry, and the next reader tries again.
      } finally {
        refreshing.delete(key);
      }
    })();
  };

  return {
    peek,
    read,
    stats,
    l2,
    /** To be awaited before a write is acknowledged: afterwards nobody who hears the bus serves the older version. */
    async invalidate(key: number, version: number): Promise<void> {
      forget(key, version);
      await l2.invalidate(key, version);
    },
    /** Loads the keys into the tiers and waits until they are there, so that their first readers need not. */
    async warm(keys: readonly number[]): Promise<void> {
      await Promise.all(keys.map(read));
      await l2.filled();
    },
    /** Resolves once the second tier has received all fills and writes. Never, if it stays away. */
    settled: l2.settled,
    /**
     * Refreshes, in the background, those of the keys that memory lacks or that expire within the given
     * milliseconds.
     */
    keepFresh(keys: readonly number[], within: number): void {
      if (mode !== "tiered") return;
      for (const key of keys) {
        const entry = l1.get(key);
        if (entry?.kind !== "value" || entry.softExpiry - now() < within) refresh(key, within);
      }
    },
    mode: (): CacheMode => mode,
    /** Switches this process and, where they can be reached, the others. */
    async setMode(next: CacheMode): Promise<void> {
      switchTo(next);
      await l2.attempt(() => bus.publish({ type: "mode", mode: next }));
    },
    /** The entry in memory under a key, servable or not. */
    recall: (key: number): Entry<V> | undefined => l1.get(key),
    size: () => l1.size(),
    /** Reads now under way that others may share. */
    inFlight: (): number => flights.size,
  };
};
