import { z } from "zod";
import { CACHE_MODES } from "../../core/redis/bus.ts";
import type { Shop } from "../../core/shop.ts";

const count = () => z.int().min(0);

export const cacheModeSchema = z.enum(CACHE_MODES).meta({
  description:
    "`off`: every read goes to DynamoDB; `redis`: to the second tier first; `tiered`: memory, then that",
});

export const cacheStateSchema = z
  .object({
    mode: cacheModeSchema,
    l1: z.object({
      kind: z.literal("memory"),
      hits: count(),
      misses: count(),
      entries: count(),
      size_bytes: count(),
      stale_served: count().meta({ description: "Answers past the soft expiry" }),
      flushes: count().meta({
        description: "Times it was emptied because invalidations may have been missed",
      }),
    }),
    l2: z.object({
      kind: z.enum(["redis", "process"]),
      usable: z.boolean(),
      hits: count(),
      misses: count(),
      errors: count(),
      writes: count(),
      untrusted: count().meta({
        description: "Entries that were invalid, or older than a fail-over of Redis, and were not used",
      }),
    }),
    loads: count().meta({ description: "Products read from DynamoDB" }),
    load_errors: count(),
    collapsed_loads: count().meta({ description: "Reads that shared another's load" }),
    refreshes: count(),
    invalidations: count(),
    overtaken_loads: count().meta({
      description: "Loads done again because the product was written meanwhile",
    }),
  })
  .meta({ id: "CacheState" });

/** The cache of this process as its clients see it. */
export const cacheStateOf = ({ products }: Shop): z.infer<typeof cacheStateSchema> => {
  const { cache } = products;
  const { stats, l2 } = cache;
  const { entries, bytes } = cache.size();
  return {
    mode: cache.mode(),
    l1: {
      kind: "memory",
      ...stats.l1,
      entries,
      size_bytes: bytes,
      stale_served: stats.staleServed,
      flushes: stats.flushes,
    },
    l2: { kind: l2.name, usable: products.isL2InUse(), ...stats.l2 },
    loads: stats.loads,
    load_errors: stats.loadErrors,
    collapsed_loads: stats.collapsed,
    refreshes: stats.refreshes,
    invalidations: stats.invalidations,
    overtaken_loads: stats.overtaken,
  };
};
