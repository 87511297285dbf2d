import { ANY_FAILURE, contentVerdict, troubleTables, unbegunWarnings } from "../answer-counts.ts";
import type { Findings, Lab } from "../lab.ts";
import { noFindings } from "../lab.ts";
import { commonWarnings, figure, measure, medianOf, timesFigure, timesText } from "../lab-figures.ts";
import { present } from "../plots.ts";
import { chartsOf } from "./hot-charts.ts";
import { DATABASE_MS, HOT_SHARE, type HotObservations, STATES, WARM_UP } from "./hot-observations.ts";
import { type Key, of, type Row, rowOf } from "./hot-rows.ts";

export const concludeHot = (lab: Lab, { plan, rushes }: HotObservations): Findings => {
  const counted = rushes.filter(({ repeat }) => repeat !== WARM_UP);
  const rows = counted.map((rush) => rowOf(rush, plan.duration));
  const loads = rushes.map(({ load }) => load);
  // Without a cache a crowd is more than the partition takes: that is a finding.
  const cached = rows.filter(({ state }) => state !== "uncached");
  const lost = cached.filter(({ success }) => success !== 1).length;
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
      ...(lost > 0
        ? [`Not every read was answered in ${lost} of ${cached.length} rushes with a cache.`]
        : []),
      "Detection is for the processes to come, which load what is hot before they serve: in a process that runs, a product " +
        "that was read before is in memory, noticed or not.",
      ...(lab.options.url
        ? [
            "Somebody's running shop: calls of DynamoDB are those of the process that was asked, and products that were pinned stay so " +
              "for an hour.",
          ]
        : []),
    ],
    method: [
      `${plan.users} reads a second by a Poisson process, timed from when they were due, of popular products that are all in the cache. ` +
        `At once ${100 * HOT_SHARE} % of them turn to one product, for ${plan.duration} s.`,
      `Meanwhile each call of DynamoDB takes ${DATABASE_MS} ms more, in all states alike (the shop's own switch): a database that ` +
        "answers sooner than the next reader comes can't show what a crowd does to it.",
      "Cold: nobody has read it before. Detected: it was read until GET /products/hot lists it. Pre-warmed: POST /products/{id}/hot. " +
        "Redis: it lies in Redis, and no process keeps anything in memory. Uncached: the cache is off for all products.",
      ...(rows.some(({ throttled }) => throttled !== null)
        ? [
            "DynamoDB's limits are scaled down so that one partition takes fewer reads than the crowd makes without a cache: see " +
              "the section on them. Throttled reads are counted while the load runs, retries included.",
          ]
        : []),
      `Another product each time; the states in random order, ${plan.repeat} times each, after a rush for warming up.`,
    ],
    settings: { "reads/s": plan.users, "seconds of the rush": plan.duration, repeats: plan.repeat },
    measures: STATES.flatMap((state) => [
      ...measure(
        `hot.${state}.first.p99`,
        `${state}: p99 of the hot product's first half second`,
        "ms",
        "lower",
        of(rows, state, "firstP99"),
      ),
      ...measure(
        `hot.${state}.first.max`,
        `${state}: slowest of the hot product's first half second`,
        "ms",
        "lower",
        of(rows, state, "firstMax"),
      ),
      ...measure(
        `hot.${state}.p99`,
        `${state}: p99 of the hot product`,
        "ms",
        "lower",
        of(rows, state, "p99"),
      ),
      ...measure(
        `hot.${state}.first.calls`,
        `${state}: DynamoDB calls in the first second`,
        "calls",
        "lower",
        of(rows, state, "firstCalls"),
      ),
      ...measure(
        `hot.${state}.calls`,
        `${state}: DynamoDB calls in the rush`,
        "calls",
        "lower",
        of(rows, state, "calls"),
      ),
      ...measure(
        `hot.${state}.throttled`,
        `${state}: reads throttled by DynamoDB`,
        "reads",
        "lower",
        of(rows, state, "throttled"),
      ),
    ]),
    charts: chartsOf(rows, counted),
    tables: [
      {
        title: "Medians by state",
        columns: [
          "State",
          "p50 of the hot product (ms)",
          "p99 in its first half second (ms)",
          "Slowest there (ms)",
          "p99 of the rush (ms)",
          "DynamoDB calls in the first second",
          "In the rush",
          "Reads that waited for another's",
          "Reads in all",
          "Answered (%)",
          "Reads throttled",
        ],
        rows: STATES.map((state) => [state, ...COLUMNS.map((key) => figure(medianOf(of(rows, state, key))))]),
      },
      ...troubleTables(loads),
    ],
    raw: { rushes: rows },
  };
};

const COLUMNS = [
  "p50",
  "firstP99",
  "firstMax",
  "p99",
  "firstCalls",
  "calls",
  "shared",
  "reads",
  "answeredPercent",
  "throttled",
] as const satisfies Key[];

const summaryOf = (rows: readonly Row[]): Findings["summary"] => {
  if (STATES.some((state) => present(of(rows, state, "firstMax")).length === 0)) return [];
  const list = (key: Key): string =>
    STATES.map((state) => `${figure(medianOf(of(rows, state, key)))} ${state}`).join(", ");
  const typical = (state: (typeof STATES)[number], key: Key): string =>
    figure(medianOf(of(rows, state, key)));
  return [
    {
      question: "Does a product that nobody had in the cache hurt when everybody wants it?",
      figure: `${typical("cold", "firstMax")} ms`,
      answer: `The slowest read of its first half second; it is ${typical("pre-warmed", "firstMax")} ms for a pre-warmed product.`,
      detail:
        `While a call of DynamoDB takes ${DATABASE_MS} ms more, the slowest in ms: ${list("firstMax")}. ` +
        `p99 of the reads in that half second: ${list("firstP99")}.`,
      chart: "hot.latency",
    },
    {
      question: "What reaches DynamoDB?",
      figure: `${typical("cold", "firstCalls")} calls`,
      answer: `In a cold product's first second; ${typical("uncached", "firstCalls")} when the cache is off.`,
      detail:
        `Calls in the first second: ${list("firstCalls")}; in the rush of ${figure(medianOf(rows.map(({ reads }) => reads)))} ` +
        `reads: ${list("calls")}. Throttled reads: ${list("throttled")}. Readers that waited for another's load of a cold product: ${typical("cold", "shared")}.`,
      chart: "hot.calls",
    },
    {
      question: "Is it worth pre-warming?",
      figure: timesFigure(of(rows, "cold", "firstMax"), of(rows, "pre-warmed", "firstMax")),
      answer: "How long the slowest early read of a cold product takes, against a pre-warmed one.",
      detail:
        `The slowest of its first half second takes ${timesText(of(rows, "cold", "firstMax"), of(rows, "pre-warmed", "firstMax"))} ` +
        "as long cold as pre-warmed; a range or interval around 1 means that no difference is to be seen.",
      chart: "hot.latency",
    },
  ];
};
