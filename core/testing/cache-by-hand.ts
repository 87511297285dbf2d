import type { Entry } from "../cache/entry.ts";
import { openL1 } from "../cache/l1.ts";
import type { L2 } from "../cache/l2.ts";
import { openProcessL2 } from "../cache/l2-process.ts";
import type { Loaded } from "../cache/reading.ts";
import { openTieredCache } from "../cache/tiered-cache.ts";
import { DomainError } from "../errors.ts";
import type { Bus, BusMessage, CacheMode } from "../redis/bus.ts";
import { entryOf, HARD, SOFT } from "./entries.ts";

/** A cache on a clock, a bus and a database that the test moves by hand. */
export const openCacheByHand = ({
  mode = "tiered",
  ...overrides
}: { mode?: CacheMode } & Partial<L2<string>> = {}) => {
  const state = { clock: 1_000_000, heard: Number.POSITIVE_INFINITY, isDown: false };
  const database = new Map<number, Loaded<string>>([[1, { value: "one", version: 1 }]]);
  const loads: boolean[] = [];
  const published: BusMessage[] = [];
  const timed: string[] = [];
  const openedAt = performance.now();
  let gate: Promise<void> | undefined;
  let tellGap = (): void => undefined;
  let tell = (_: BusMessage): void => undefined;
  const now = () => state.clock;
  const bus: Bus = {
    heardUntil: () => state.heard,
    publish: async (message) => {
      published.push(message);
    },
    onMessage: (listener) => {
      tell = listener;
    },
    onGap: (listener) => {
      tellGap = listener;
    },
  };
  const load = async (key: number, consistent: boolean) => {
    loads.push(consistent);
    const found = database.get(key);
    await gate;
    if (state.isDown) throw new DomainError("STORAGE_UNAVAILABLE", "down");
    return found;
  };
  // In memory, and shared as far as the cache can tell.
  const l2 = { ...openProcessL2<string>(1_000_000, now), name: "redis" as const, ...overrides };
  const cache = openTieredCache<string>({
    l1: openL1(1_000_000, now),
    l2,
    bus,
    load,
    loadAlone: (key) => load(key, false),
    mode,
    lifetimeOf: () => ({ soft: SOFT, hard: HARD }),
    now,
    onLatency: (tier, ms) => {
      if (ms >= 0 && ms <= performance.now() - openedAt) timed.push(tier);
    },
    sleep: async (ms) => {
      state.clock += ms;
    },
  });
  return {
    cache,
    /** An entry as another process has just written it. */
    entryOf: (version: number, changes: Partial<Entry<string>> = {}): Entry<string> => ({
      ...entryOf(version, state.clock),
      loadMs: 0,
      ...changes,
    }),
    l2,
    database,
    loads,
    published,
    /** The tiers that were asked, each time that one was. */
    timed,
    state,
    advance: (ms: number) => {
      state.clock += ms;
    },
    /** Holds up loads until the returned function is called. */
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => {
        gate = undefined;
        resolve();
      };
    },
    gap: () => tellGap(),
    hear: (message: BusMessage) => tell(message),
  };
};

/** A call of the second tier that fails. */
export const refuse = async (): Promise<never> => {
  throw new Error("refused");
};

/** A second tier that never has anything and never stands in the way. */
export const ABSENT_TIER = { isUsable: () => false };

/** Gives what goes on in the background the time to end. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
