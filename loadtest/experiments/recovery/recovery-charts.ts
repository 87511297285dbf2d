import type { Chart } from "../../report/run-result.ts";
import type { Findings } from "../lab.ts";
import { figure, medianOf, medianOfSome, percent } from "../lab-figures.ts";
import { barChart, lineChart, pointOf, present, rounded } from "../plots.ts";
import { latencyOf, type Second, successOf, totalsOf } from "../timeline.ts";
import type { Arm, Episode, RecoveryObservations } from "./recovery-observations.ts";
import { bandsOf, checkoutP99Of, type Row } from "./recovery-rows.ts";

const BEFORE_SECONDS = 2;

/** The first time through all faults, and the figures by fault. */
export const chartsOf = (rows: readonly Row[], { arms, episodes }: RecoveryObservations): Chart[] => {
  const [first] = episodes;
  const firstRound = episodes.filter(({ repeat }) => repeat === first?.repeat);
  const last = firstRound.at(-1);
  if (!first || !last) return [];
  const [start, end] = [first.from - BEFORE_SECONDS, last.until];
  const x = { label: "Seconds" };
  const markers = firstRound.flatMap(({ fault, from, to }) => [
    { x: rounded(from - start), label: fault },
    { x: rounded(to - start), label: "over" },
  ]);
  const course = (value: (second: Second) => number | null) =>
    Object.fromEntries(arms.map((arm) => [arm.setting.name, courseOf(arm, start, end, value)]));
  const faults = faultsIn(episodes);
  const bars = (value: (row: Row) => number | null) =>
    Object.fromEntries(
      arms.map(({ setting: { name } }) => [
        name,
        faults.map((fault) => pointOf(fault, rowsOf(rows, fault, name).map(value))),
      ]),
    );
  return [
    lineChart({
      id: "recovery.success",
      title: "Good answers while dependencies fail",
      caption:
        "Share of all answers in each second, first time through; below, the circuit breakers of the first shop.",
      x,
      y: { label: "Good answers (%)" },
      series: course((second) => percentage(successOf(totalsOf([second])))),
      bands: arms.slice(0, 1).flatMap(({ sampler }) => bandsOf(sampler.samples, start, end)),
      markers,
    }),
    lineChart({
      id: "recovery.latency",
      title: "Latency of good answers",
      caption: "p95 in each second, from when the request was due; first time through.",
      x,
      y: { label: "p95 (ms)", scale: "log" },
      series: course((second) => latencyOf(totalsOf([second]), 0.95)),
      markers,
    }),
    barChart({
      id: "recovery.faults",
      title: "Good answers by fault",
      caption: "Of all answers from its beginning until its effects are over; medians.",
      x: { label: "Fault" },
      y: { label: "Good answers (%)" },
      series: bars(({ good }) => percentage(good)),
    }),
    barChart({
      id: "recovery.wait",
      title: "How long a customer waits for an answer",
      caption:
        "Somebody who asks for a cart while it lasts, answered or refused: p99, and its medians over the repeats.",
      x: { label: "Fault" },
      y: { label: "Wait (ms)", scale: "log" },
      series: bars(({ waitP99 }) => waitP99),
    }),
    barChart({
      id: "recovery.calls",
      title: "Wasted calls",
      caption:
        "Calls of the broken dependency that failed until its effects were over: what breakers spare it; medians.",
      x: { label: "Fault" },
      y: { label: "Failed calls" },
      series: bars(({ failedCalls }) => failedCalls),
    }),
  ];
};

/** Medians, and from the least to the most over the repeats. */
export const tableOf = (rows: readonly Row[], episodes: readonly Episode[], arms: readonly Arm[]) =>
  ({
    title: "By kind of trouble",
    columns: [
      "Trouble",
      "Shop",
      "Good answers",
      "Of product reads",
      "Of checkouts",
      "Wait p50 (ms)",
      "Wait p99 (ms)",
      "p99 of checkouts (ms)",
      "Wasted calls",
      "Money",
      "All settled after (s)",
      "Breaker opens after (s)",
      "Closes after its end (s)",
      "Customers fine after (s)",
    ],
    rows: faultsIn(episodes).flatMap((fault) =>
      arms.map((arm) => {
        const { name } = arm.setting;
        const own = rowsOf(rows, fault, name);
        const of = (value: (row: Row) => number | null) => own.map(value);
        return [
          fault,
          name,
          withRange(
            of(({ good }) => good),
            percent,
          ),
          percent(medianOf(of(({ productsGood }) => productsGood))),
          withRange(
            of(({ checkoutsGood }) => checkoutsGood),
            percent,
          ),
          figure(medianOf(of(({ waitP50 }) => waitP50))),
          withRange(
            of(({ waitP99 }) => waitP99),
            figure,
          ),
          figure(
            checkoutP99Of(
              arm,
              episodes.filter((episode) => episode.fault === fault),
            ),
          ),
          withRange(
            of(({ failedCalls }) => failedCalls),
            figure,
          ),
          withRange(
            of(({ money }) => money),
            figure,
          ),
          medianOfSome(of(({ settled }) => settled)),
          medianOfSome(of(({ opened }) => opened)),
          // Of those that opened: one that did not close in the time it was watched is no fast one.
          medianOfSome(
            of(({ closed }) => closed),
            present(of(({ opened }) => opened)).length,
          ),
          medianOfSome(of(({ fine }) => fine)),
        ];
      }),
    ),
  }) satisfies Findings["tables"][number];

const withRange = (values: readonly (number | null)[], text: (value: number | null) => string): string => {
  const sorted = present(values).toSorted((a, b) => a - b);
  const median = text(medianOf(values));
  return sorted.length < 2
    ? median
    : `${median} (${text(sorted[0] ?? null)} to ${text(sorted.at(-1) ?? null)})`;
};

export const faultsIn = (episodes: readonly Episode[]): string[] => [
  ...new Set(episodes.map(({ fault }) => fault)),
];

export const rowsOf = (rows: readonly Row[], fault: string, arm: string): Row[] =>
  rows.filter((row) => row.fault === fault && row.arm === arm);

const courseOf = (arm: Arm, start: number, end: number, value: (second: Second) => number | null) =>
  arm.load.seconds
    .filter(({ time }) => time >= start && time + 1 <= end)
    .map((second) => {
      const y = value(second);
      return { x: rounded(second.time - start), y: y === null ? null : rounded(y) };
    });

const percentage = (share: number | null): number | null => (share === null ? null : 100 * share);
