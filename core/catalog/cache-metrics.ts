import type { TieredCache } from "../cache/tiered-cache.ts";
import type { Bus } from "../redis/bus.ts";
import type { SumName } from "../telemetry/metrics.ts";
import type { MetricRecorder } from "../telemetry/recorder.ts";
import type { Product } from "./product.ts";

/** Reads of memory that are timed for one figure: one alone is shorter than the clock's tick. */
const TIMED_READS = 100;

/** Without news from the bus for so long, in milliseconds, invalidations count as unheard. */
const SILENCE_MS = 1_000;

/**
 * Records what the cache counted since the last publication. The cache itself counts in plain numbers: a hit
 * must not pay for a metric.
 */
export const publishCacheMetrics = (
  metrics: MetricRecorder,
  cache: TieredCache<Product>,
  bus: Bus,
  dropped: { readonly messages: number; readonly values: number },
): void => {
  const { stats, l2 } = cache;
  const published = new Map<string, number>();
  const growthOf = (name: string, total: number): number => {
    const growth = total - (published.get(name) ?? 0);
    published.set(name, total);
    return growth;
  };
  const tiers = { memory: { ...stats.l1, errors: 0 }, [l2.name]: stats.l2 };

  metrics.onPublish(() => {
    tiers.memory = { ...stats.l1, errors: 0 };
    for (const [tier, { hits, misses, errors }] of Object.entries(tiers)) {
      metrics.add("CacheHits", growthOf(`hits:${tier}`, hits), tier);
      metrics.add("CacheMisses", growthOf(`misses:${tier}`, misses), tier);
      metrics.add("CacheErrors", growthOf(`errors:${tier}`, errors), tier);
    }
    const sums: [SumName, number][] = [
      ["CacheLoads", stats.loads],
      ["CacheCollapsed", stats.collapsed],
      ["CacheStaleServed", stats.staleServed],
      ["CacheRefreshes", stats.refreshes],
      ["CacheInvalidations", stats.invalidations],
      ["CacheOvertaken", stats.overtaken],
      ["CacheFlushes", stats.flushes],
      ["BusMessagesDropped", dropped.messages],
      ["RedisValuesDropped", dropped.values],
    ];
    for (const [name, total] of sums) metrics.add(name as "CacheLoads", growthOf(name, total));
    const { entries, bytes } = cache.size();
    metrics.observe("CacheEntries", entries);
    metrics.observe("CacheBytes", bytes);
    metrics.observe("CacheBusUp", Date.now() - bus.heardUntil() < SILENCE_MS ? 1 : 0);
    metrics.observe("CacheLatency", memoryLatency(cache), "memory");
  });
};

/** Milliseconds of one read of memory, as the mean over some. */
const memoryLatency = (cache: TieredCache<Product>): number => {
  const startedAt = performance.now();
  for (let key = 1; key <= TIMED_READS; key++) cache.recall(key);
  return (performance.now() - startedAt) / TIMED_READS;
};
