import type { Chart } from "../../report/run-result.ts";
import type { Findings } from "../lab.ts";
import { figure, medianOf, medianOfSome, percent } from "../lab-figures.ts";
import { barChart, lineChart, pointOf, present, rounded } from "../plots.ts";
import { latencyOf, type Second, successOf, totalsOf } from "../timeline.ts";
import type { Arm, Episode, RecoveryObservations } from "./recovery-observations.ts";
import { bandsOf, type Row } from "./recovery-rows.ts";

const BEFORE_SECONDS = 2;

export const named = (isOn: boolean): string => (isOn ? "resilience on" : "resilience off");

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
    Object.fromEntries(arms.map((arm) => [named(arm.isOn), courseOf(arm, start, end, value)]));
  const faults = faultsIn(episodes);
  const bars = (value: (row: Row) => number | null) =>
    Object.fromEntries(
      arms.map(({ isOn }) => [
        named(isOn),
        faults.map((fault) => pointOf(fault, rowsOf(rows, fault, isOn).map(value))),
      ]),
    );
  return [
    lineChart({
      id: "recovery.success",
      title: "Good answers while dependencies fail",
      caption:
        "Share of all answers in each second, first time through; below, the states of the circuit breakers.",
      x,
      y: { label: "Good answers (%)" },
      series: course((second) => percentage(successOf(totalsOf([second])))),
      bands: arms.filter(({ isOn }) => isOn).flatMap(({ sampler }) => bandsOf(sampler.samples, start, end)),
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
        "Somebody who asks for a cart while it lasts, answered or refused: means, and their medians over the repeats.",
      x: { label: "Fault" },
      y: { label: "Wait (ms)", scale: "log" },
      series: bars(({ cartWait }) => cartWait),
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

export const tableOf = (rows: readonly Row[], episodes: readonly Episode[], isOnValues: readonly boolean[]) =>
  ({
    title: "Medians by fault",
    columns: [
      "Fault",
      "Resilience",
      "Good answers",
      "Of product reads",
      "Of checkouts",
      "Refused",
      "Failed",
      "p99 of good (ms)",
      "Wait for a cart (ms)",
      "Wasted calls",
      "Breaker opens after (s)",
      "Closes after its end (s)",
      "Customers fine after (s)",
    ],
    rows: faultsIn(episodes).flatMap((fault) =>
      isOnValues.map((isOn) => {
        const own = rowsOf(rows, fault, isOn);
        const opened = own.map(({ opened }) => opened);
        const of = (value: (row: Row) => number | null): number | null => medianOf(own.map(value));
        return [
          fault,
          isOn ? "on" : "off",
          percent(of(({ good }) => good)),
          percent(of(({ productsGood }) => productsGood)),
          percent(of(({ checkoutsGood }) => checkoutsGood)),
          figure(of(({ refused }) => refused)),
          figure(of(({ failed }) => failed)),
          figure(of(({ p99 }) => p99)),
          figure(of(({ cartWait }) => cartWait)),
          figure(of(({ failedCalls }) => failedCalls)),
          medianOfSome(opened),
          // Of those that opened: one that did not close in the time it was watched is no fast one.
          medianOfSome(
            own.map(({ closed }) => closed),
            present(opened).length,
          ),
          medianOfSome(own.map(({ fine }) => fine)),
        ];
      }),
    ),
  }) satisfies Findings["tables"][number];

export const faultsIn = (episodes: readonly Episode[]): string[] => [
  ...new Set(episodes.map(({ fault }) => fault)),
];

export const rowsOf = (rows: readonly Row[], fault: string, isOn: boolean): Row[] =>
  rows.filter((row) => row.fault === fault && (row.resilience === "on") === isOn);

const courseOf = (arm: Arm, start: number, end: number, value: (second: Second) => number | null) =>
  arm.load.seconds
    .filter(({ time }) => time >= start && time + 1 <= end)
    .map((second) => {
      const y = value(second);
      return { x: rounded(second.time - start), y: y === null ? null : rounded(y) };
    });

const percentage = (share: number | null): number | null => (share === null ? null : 100 * share);
