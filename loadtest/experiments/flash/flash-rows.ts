import type { Samples } from "../lab-figures.ts";
import { rounded } from "../plots.ts";
import { generatorPeak, latencyOf, totalsOf } from "../timeline.ts";
import type { Sale, Shards } from "./flash-observations.ts";

export const CHECKOUT = "POST /cart/{user}/checkout";

export const SOLD_OUT = `${CHECKOUT} (sold out)`;

export type Row = ReturnType<typeof rowOf>;

export const rowOf = ({ shards, repeat, supply, pieces, load, calm, spikeAt, orderedAt, stock }: Sale) => {
  const spike = load.seconds.filter(({ second }) => second >= calm);
  const checkouts = totalsOf(spike, (name) => name === CHECKOUT);
  const all = totalsOf(spike);
  return {
    shards,
    repeat,
    supply,
    pieces,
    orders: orderedAt.length,
    ...stock,
    ordersPerSecond: rateOf(orderedAt.filter((moment) => moment >= spikeAt)),
    p50: latencyOf(checkouts, 0.5),
    p99: latencyOf(checkouts, 0.99),
    toldSoldOut: totalsOf(spike, (name) => name === SOLD_OUT).ok,
    refused: all.refused,
    failed: all.failed,
    generatorPeak: generatorPeak(load.seconds),
  };
};

/** Sorted moments in milliseconds; null of too few to tell. */
export const rateOf = (moments: readonly number[]): number | null => {
  const [first, last] = [Math.floor(moments.length * 0.05), Math.floor(moments.length * 0.95)];
  const ms = (moments[last] ?? 0) - (moments[first] ?? 0);
  return ms > 0 ? rounded(((last - first) * 1_000) / ms) : null;
};

export type Key =
  | "pieces"
  | "sold"
  | "available"
  | "counters"
  | "ordersPerSecond"
  | "p50"
  | "p99"
  | "toldSoldOut"
  | "refused"
  | "failed";

export const of = (rows: readonly Row[], shards: Shards, key: Key): Samples =>
  rows.filter((row) => row.shards === shards).map((row) => row[key]);

export const named = (shards: Shards): string =>
  shards === "auto" ? "self-sharding" : shards === 1 ? "1 shard" : `${shards} shards`;
