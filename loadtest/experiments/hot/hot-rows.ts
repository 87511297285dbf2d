import type { Samples } from "../lab-figures.ts";
import { rounded } from "../plots.ts";
import { generatorPeak, latencyOf, successOf, totalsOf } from "../timeline.ts";
import type { Rush, State } from "./hot-observations.ts";

export type Row = ReturnType<typeof rowOf>;
export type Key = Exclude<keyof Row, "state" | "repeat">;

/** Journeys' names for reads of the hot product; those due in the first half second apart. */
const isHot = (name: string): boolean => name.includes("(hot");
const isFirst = (name: string): boolean => name.includes("(hot, at first)");

/** One rush in figures; latencies in milliseconds. */
export const rowOf = ({ state, repeat, load, calm, first, whole, throttled }: Rush, duration: number) => {
  const seconds = load.seconds.filter(({ second }) => second >= calm && second < calm + duration);
  const totals = totalsOf(seconds);
  const hot = totalsOf(seconds, isHot);
  const atFirst = totalsOf(seconds, isFirst);
  const success = successOf(totals);
  return {
    state,
    repeat,
    reads: totals.ok,
    hotReads: hot.ok,
    firstCalls: first.calls,
    calls: whole.calls,
    shared: whole.shared,
    throttled,
    success,
    answeredPercent: success === null ? null : rounded(100 * success),
    refused: totals.refused,
    failed: totals.failed,
    p50: latencyOf(hot, 0.5),
    p99: latencyOf(hot, 0.99),
    firstP99: latencyOf(atFirst, 0.99),
    firstMax: latencyOf(atFirst, 1),
    generatorPeak: generatorPeak(seconds),
  };
};

export const of = (rows: readonly Row[], state: State, key: Key): Samples =>
  rows.filter((row) => row.state === state).map((row) => row[key]);
