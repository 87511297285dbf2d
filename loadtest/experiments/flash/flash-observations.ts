import type { RunningLoad } from "../generator.ts";
import type { Plan } from "../lab.ts";
import type { VerdictEntry } from "../lab-verdict.ts";

/** Counters of the stock, set by hand or, from one on, by the shop itself. */
export const SHARDS = [1, 4, 16, "auto"] as const;

export type Shards = (typeof SHARDS)[number];

/** Buyers in the spike for each before it. */
export const SPIKE = 100;

/** Pieces on sale for each second of the spike: gone well before it is over. */
export const PIECES_A_SECOND = 50;

/** The repeat that does not count. */
export const WARM_UP = 0;

/** One sale. */
export interface Sale {
  readonly shards: Shards;
  readonly repeat: number;
  readonly pieces: number;
  readonly load: RunningLoad;
  /** Seconds from the load's beginning to the spike's. */
  readonly calm: number;
  /** Epoch milliseconds at which buyers got their orders. */
  readonly orderedAt: readonly number[];
  /** The shop's counters afterwards. */
  readonly stock: {
    readonly available: number;
    readonly reserved: number;
    readonly sold: number;
    /** Counters in the end. */
    readonly counters: number;
  };
}

export interface FlashObservations {
  readonly plan: Plan;
  readonly sales: Sale[];
  readonly verdicts: VerdictEntry[];
}
