import type { Reading, Source } from "../../core/cache/reading.ts";
import type { Product } from "../../core/catalog/product.ts";
import type { CacheMode } from "../../core/redis/bus.ts";

/** The name of this cache in Cache-Status. */
const CACHE = "Stampede";

/** How a reading came about, in `Cache-Status` (RFC 9211) and, for older clients, in `X-Cache`. */
export const cacheHeaders = (
  reading: Reading<Product>,
  mode: CacheMode,
  now: number,
): Record<string, string> => {
  const { entry, source, collapsed } = reading;
  const isHit = source !== "database";
  // Negative once it is served past its expiry, as section 2.4 of the RFC has it.
  const ttl = Math.round((entry.softExpiry - now) / 1000);
  const how = isHit ? `hit; ttl=${ttl}` : mode === "off" ? "fwd=bypass" : "fwd=miss; stored";
  const shared = collapsed && !isHit ? "; collapsed" : "";
  return {
    "cache-status": `${CACHE}; ${how}${shared}; detail=${DETAILS[source]}`,
    "x-cache": isHit ? "HIT" : "MISS",
  };
};

const DETAILS: Readonly<Record<Source, string>> = {
  memory: "memory",
  redis: "redis",
  process: "process",
  database: "dynamodb",
  stale: "stale-if-error",
};
