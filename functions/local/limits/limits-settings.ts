import type { LimitRule } from "../../../core/storage/limit-rules.ts";

export interface StreamSettings {
  /** Milliseconds until a record can be read. */
  readonly delay: () => number;
  /** Share of reads that repeat the batch before. */
  readonly repeats: number;
  /** Records of the whole stream after which its shards close and others open. */
  readonly shardRecords: number;
  /** Generations of shards that are kept; older records are trimmed. */
  readonly kept: number;
}

export interface LimitSettings {
  /** Of the database behind the layer. */
  readonly endpoint: string;
  readonly rules: ReadonlySet<LimitRule>;
  /** Of all capacities. */
  readonly scale: number;
  readonly heatSeconds?: number;
  readonly growthSeconds?: number;
  readonly indexLag?: () => number;
  readonly streams?: Partial<StreamSettings>;
  /** Milliseconds. */
  readonly now?: () => number;
}
