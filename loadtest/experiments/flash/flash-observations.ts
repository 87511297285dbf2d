import type { RunningLoad } from "../generator.ts";
import type { Plan } from "../lab.ts";
import type { VerdictEntry } from "../lab-verdict.ts";

/** Counters of the stock, set by hand or, from one on, by the shop itself. */
export const SHARDS = [1, 4, 16, "auto"] as const;

export type Shards = (typeof SHARDS)[number];

/** Buyers in the spike for each before it. */
export const SPIKE = 100;

/** Pieces on sale for each second of the spike: few are gone well before it is over, of ample ones most are left. */
export const PIECES_A_SECOND = { few: 25, ample: 1_250 } as const;

/** Few pieces show whether one is sold twice; how fast they sell is measured where no counter runs out. */
export type Supply = keyof typeof PIECES_A_SECOND;

/** The repeat that does not count. */
export const WARM_UP = 0;

/** One sale. */
export interface Sale {
  readonly shards: Shards;
  readonly repeat: number;
  readonly supply: Supply;
  readonly pieces: number;
  readonly load: RunningLoad;
  /** Seconds from the load's beginning to the spike's. */
  readonly calm: number;
  /** Epoch milliseconds at which the spike began, as far as it did. */
  readonly spikeAt: number;
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
