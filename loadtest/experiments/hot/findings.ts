import type { Chart } from "../../report/result.ts";
import { ANY_FAILURE, contentVerdict, troubleTables, unbegunWarnings } from "../answers.ts";
import {
  commonWarnings,
  figure,
  measure,
  medianOf,
  noFindings,
  type Samples,
  timesText,
} from "../figures.ts";
import type { Findings, Lab } from "../lab.ts";
import { barChart, lineChart, pointOf, rounded } from "../plots.ts";
import { generatorPeak, latencyOf, type Second, successOf, totalsOf } from "../timeline.ts";
import { HOT_SHARE, type HotObservations, type Rush, STATES, type State, WARM_UP } from "./experiment.ts";

export const concludeHot = (lab: Lab, { plan, rushes }: HotObservations): Findings => {
  const counted = rushes.filter(({ repeat }) => repeat !== WARM_UP);
  const rows = counted.map((rush) => rowOf(rush, plan.duration));
  const loads = rushes.map(({ load }) => load);
  const lost = rows.filter(({ success }) => success !== 1).length;
  return {
    ...noFindings,
    summary: summaryOf(rows),
    verdicts: contentVerdict(loads, ANY_FAILURE),
    warnings: [
      ...commonWarnings(
        plan.repeat,
        rows.map((row) => row.generatorPeak),
      ),
      ...unbegunWarnings(loads),
      ...(lost > 0 ? [`Not every read was answered in ${lost} of ${rows.length} rushes.`] : []),
      "Detection is for the processes to come, which load what is hot before they serve: in a process that runs, a product " +
        "that was read before is in memory, noticed or not.",
      ...(lab.options.url
        ? ["Somebody's running shop: calls of DynamoDB are those of the process that was asked."]
        : []),
    ],
    method: [
      `${plan.users} reads a second by a Poisson process, timed from when they were due, of popular products that are all in the cache. ` +
        `At once ${100 * HOT_SHARE} % of them turn to one product, for ${plan.duration} s.`,
      "Cold: nobody has read it before. Detected: it was read until GET /products/hot lists it. Pre-warmed: POST /products/{id}/hot. " +
        "Uncached: the cache is off for all products.",
      `Another product each time; the states in an order of chance, ${plan.repeat} times each, after a rush for warming up.`,
    ],
    settings: { "reads/s": plan.users, "seconds of the rush": plan.duration, repeats: plan.repeat },
    measures: STATES.flatMap((state) => [
      ...measure(
        `hot.${state}.first.p99`,
        `${state}: p99 in the first second`,
        "ms",
        "lower",
        of(rows, state, "firstP99"),
      ),
      ...measure(`hot.${state}.p99`, `${state}: p99 of the rush`, "ms", "lower", of(rows, state, "p99")),
      ...measure(
        `hot.${state}.calls`,
        `${state}: DynamoDB calls in the rush`,
        "calls",
        "lower",
        of(rows, state, "calls"),
      ),
    ]),
    charts: chartsOf(rows, counted),
    tables: [
      {
        title: "Medians by state",
        columns: [
          "State",
          "p50 (ms)",
          "p99 in the first second (ms)",
          "p99 of the rush (ms)",
          "DynamoDB calls",
          "Reads",
        ],
        rows: STATES.map((state) => [
          state,
          ...(["p50", "firstP99", "p99", "calls", "reads"] as const).map((key) =>
            figure(medianOf(of(rows, state, key))),
          ),
        ]),
      },
      ...troubleTables(loads),
    ],
    raw: { rushes: rows },
  };
};

type Row = ReturnType<typeof rowOf>;
type Key = "p50" | "firstP99" | "p99" | "calls" | "reads";

const rowOf = (rush: Rush, duration: number) => {
  const { state, repeat, load, calm, calls } = rush;
  const seconds = load.seconds.filter(({ second }) => second >= calm && second < calm + duration);
  const totals = totalsOf(seconds);
  return {
    state,
    repeat,
    reads: totals.ok,
    calls,
    success: successOf(totals),
    refused: totals.refused,
    failed: totals.failed,
    p50: latencyOf(totals, 0.5),
    p99: latencyOf(totals, 0.99),
    firstP99: latencyOf(totalsOf(seconds.slice(0, 1)), 0.99),
    generatorPeak: generatorPeak(seconds),
  };
};

const of = (rows: readonly Row[], state: State, key: Key): Samples =>
  rows.filter((row) => row.state === state).map((row) => row[key]);

const summaryOf = (rows: readonly Row[]): Findings["summary"] => {
  if (STATES.some((state) => of(rows, state, "p99").length === 0)) return [];
  const list = (key: Key): string =>
    STATES.map((state) => `${figure(medianOf(of(rows, state, key)))} ${state}`).join(", ");
  return [
    {
      question: "Does a product that nobody had in the cache hurt when everybody wants it?",
      answer: `p99 in the first second, in ms: ${list("firstP99")}.`,
      chart: "hot.latency",
    },
    {
      question: "What reaches DynamoDB?",
      answer:
        `Calls in the rush: ${list("calls")}, of ${figure(medianOf(rows.map(({ reads }) => reads)))} reads. ` +
        "Readers of a cold product wait for one and the same load.",
      chart: "hot.calls",
    },
    {
      question: "Is it worth pre-warming?",
      answer:
        `p99 in the first second is ${timesText(of(rows, "cold", "firstP99"), of(rows, "pre-warmed", "firstP99"))} as high cold as ` +
        "pre-warmed. An interval around 1 means: no difference to be seen.",
      chart: "hot.latency",
    },
  ];
};

const chartsOf = (rows: readonly Row[], rushes: readonly Rush[]): Chart[] => {
  const x = { label: "State" };
  const bars = (key: Key) => STATES.map((state) => pointOf(state, of(rows, state, key)));
  if (rows.length === 0) return [];
  return [
    barChart({
      id: "hot.latency",
      title: "Latency of a read",
      caption: "In the first second of the rush, and in all of it.",
      x,
      y: { label: "p99 (ms)", scale: "log" },
      series: { "first second": bars("firstP99"), "whole rush": bars("p99") },
    }),
    barChart({
      id: "hot.calls",
      title: "DynamoDB calls in the rush",
      caption: "Of all reads, of the hot product and of the others.",
      x,
      y: { label: "Calls" },
      series: { calls: bars("calls") },
    }),
    lineChart({
      id: "hot.course",
      title: "Second by second",
      caption: "p99 around the moment in which the product gets hot; medians of the repeats.",
      x: { label: "Seconds since it got hot" },
      y: { label: "p99 (ms)", scale: "log" },
      series: Object.fromEntries(
        STATES.map((state) => [state, courseOf(rushes.filter((rush) => rush.state === state))]),
      ),
      markers: [{ x: 0, label: "hot" }],
    }),
  ];
};

const courseOf = (rushes: readonly Rush[]) => {
  const all = rushes.flatMap(({ load, calm }) =>
    wholeSeconds(load.seconds).map((second) => ({ at: second.second - calm, second })),
  );
  return [...Map.groupBy(all, ({ at }) => at)]
    .sort(([a], [b]) => a - b)
    .map(([at, own]) => {
      const p99 = medianOf(own.map(({ second }) => latencyOf(totalsOf([second]), 0.99)));
      return { x: at, y: p99 === null ? null : rounded(p99) };
    });
};

/** The last one is cut off in its middle. */
const wholeSeconds = (seconds: readonly Second[]): readonly Second[] => seconds.slice(0, -1);
