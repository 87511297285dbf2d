import type { Bus, CacheMode } from "../redis/bus.ts";
import type { Entry } from "./entry.ts";
import type { L1 } from "./l1.ts";
import type { L2 } from "./l2.ts";
import type { L2Policy } from "./l2-client.ts";
import type { Lifetime } from "./lifetime.ts";

/** A value with its version; undefined for a key that does not exist. */
export type Loaded<V> = { readonly value: V; readonly version: number } | undefined;

/** Where an answer came from. */
export type Source = "memory" | "redis" | "process" | "database" | "stale";

export interface Reading<V> {
  readonly entry: Entry<V>;
  readonly source: Source;
  /** Whether it shares another reader's work. */
  readonly collapsed: boolean;
}

export interface TieredCacheOptions<V> {
  readonly l1: L1<V>;
  readonly l2: L2<V>;
  /** Stands before every call to the second tier but invalidations. */
  readonly l2Policy?: L2Policy;
  readonly bus: Bus;
  /** @param consistent whether the read must see every write acknowledged before it */
  readonly load: (key: number, consistent: boolean) => Promise<Loaded<V>>;
  /** The same without any sharing: what mode `off` measures. */
  readonly loadAlone: (key: number) => Promise<Loaded<V>>;
  readonly mode: CacheMode;
  readonly lifetimeOf: (key: number) => Lifetime;
  readonly now: () => number;
  readonly onRead?: (key: number) => void;
  /** Told how long a call to a tier took, in milliseconds. */
  readonly onLatency?: (tier: L2<V>["name"] | "dynamodb", ms: number) => void;
  /** Waits for the given milliseconds; replaced where a test controls time. */
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** Told of a second tier that failed; the reading goes on without it. */
  readonly onL2Error?: (error: unknown) => void;
}
