import type { Samples } from "../lab-figures.ts";
import { rounded } from "../plots.ts";
import { between, generatorPeak, latencyOf, successOf, throughputOf, totalsOf } from "../timeline.ts";
import type { Mode, Turn } from "./cache-observations.ts";

export const PERCENTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

export const NAMES = ["p50", "p95", "p99"] as const;

export type Row = ReturnType<typeof rowOf>;

export type Rows = readonly Row[];

export const rowOf = ({ mode, isOpen, repeat, load, stretch, counted }: Turn) => {
  const seconds = between(load.seconds, stretch.from, stretch.to);
  const totals = totalsOf(seconds);
  const ofReads = (count: number | null): number | null =>
    count === null || counted.reads === null ? null : rounded(count / Math.max(1, counted.reads));
  return {
    mode,
    isOpen,
    repeat,
    throughput: rounded(throughputOf(totals)),
    /** By the server's own count, about the same as the generator's. */
    servedPerSecond: counted.reads === null ? null : rounded(counted.reads / counted.seconds),
    p50: latencyOf(totals, PERCENTILES.p50),
    p95: latencyOf(totals, PERCENTILES.p95),
    p99: latencyOf(totals, PERCENTILES.p99),
    success: successOf(totals),
    refused: totals.refused,
    failed: totals.failed,
    fromMemory: ofReads(counted.memory),
    fromRedis: ofReads(counted.second),
    callsPerThousand: ofReads(counted.calls && 1_000 * counted.calls),
    generatorPeak: generatorPeak(seconds),
  };
};

export const valuesOf = (
  rows: Rows,
  mode: Mode,
  isOpen: boolean,
  value: (row: Row) => number | null,
): Samples => rows.filter((row) => row.mode === mode && row.isOpen === isOpen).map(value);

export const open = (rows: Rows, mode: Mode, name: (typeof NAMES)[number]): Samples =>
  valuesOf(rows, mode, true, (row) => row[name]);

export const throughput = (rows: Rows, mode: Mode): Samples =>
  valuesOf(rows, mode, false, (row) => row.throughput);

export const calls = (rows: Rows, mode: Mode): Samples =>
  valuesOf(rows, mode, true, (row) => row.callsPerThousand);
