import type { RunningLoad, Stretch } from "../generator.ts";
import type { Lab, Plan } from "../lab.ts";
import type { Sampler } from "../sampler.ts";

export const MODES = ["off", "redis", "tiered"] as const;

export type Mode = (typeof MODES)[number];

/** Of what the shop can do without a cache: a load that every mode can carry, for comparing latencies. */
export const OPEN_SHARE = 0.4;

export const LEAST_RATE = 20;

export const RATE_SETTING = "reads/s at the fixed rate";

/** One mode for a while. */
export interface Turn {
  readonly mode: Mode;
  /** Closed: each user as fast as it is answered. Open: a fixed rate, whatever the answers. */
  readonly isOpen: boolean;
  readonly repeat: number;
  readonly load: RunningLoad;
  readonly stretch: Stretch;
  /** The server's counters meanwhile. */
  readonly counted: {
    /** Between the two looks at its counts, which the stretch lies in. */
    readonly seconds: number;
    readonly reads: number | null;
    readonly calls: number | null;
    readonly memory: number | null;
    readonly second: number | null;
  };
}

export interface CacheObservations {
  readonly plan: Plan;
  readonly products: number;
  readonly turns: Turn[];
  rate?: number;
  sampler?: Sampler;
}

/** Latencies can be compared at one and the same rate only. */
export const baselineRate = ({ baseline }: Pick<Lab, "baseline">): number | undefined => {
  const rate = baseline?.results.find(({ name }) => name === "cache")?.settings[RATE_SETTING];
  return typeof rate === "number" ? rate : undefined;
};

/** Seconds for which each mode may settle before it counts. */
export const warmUpOf = ({ duration }: Plan): number => Math.max(1, Math.round(duration / 2));
