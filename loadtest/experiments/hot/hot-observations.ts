import type { RunningLoad } from "../generator.ts";
import type { Plan } from "../lab.ts";
import type { Counts } from "./counting.ts";

/**
 * How the product stands when everybody wants it; `redis` is what the second tier does alone, `uncached` what it costs
 * without any cache.
 */
export const STATES = ["cold", "detected", "pre-warmed", "redis", "uncached"] as const;

export type State = (typeof STATES)[number];

export const HOT_SHARE = 0.5;

/**
 * Milliseconds added to every call of DynamoDB in a rush, by the shop's own switch: the embedded one answers
 * before a second reader has come, so that nobody would ever wait for another's load.
 */
export const DATABASE_MS = 50;

/** One product that becomes hot. */
export interface Rush {
  readonly state: State;
  readonly repeat: number;
  readonly load: RunningLoad;
  /** Seconds from the load's beginning to the rush. */
  readonly calm: number;
  /** From the rush's beginning to the end of its first second, and to its end. */
  readonly first: Counts;
  readonly whole: Counts;
  /** Reads that DynamoDB's limits refused while the load ran; null without the limits. */
  readonly throttled: number | null;
}

export interface HotObservations {
  readonly plan: Plan;
  readonly rushes: Rush[];
}

/** The repeat that does not count. */
export const WARM_UP = 0;
