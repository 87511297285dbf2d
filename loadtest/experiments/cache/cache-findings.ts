import { ANY_FAILURE, contentVerdict, troubleTables, unbegunWarnings } from "../answer-counts.ts";
import type { Findings, Lab } from "../lab.ts";
import { noFindings } from "../lab.ts";
import {
  commonWarnings,
  figure,
  GENERATOR_LIMIT,
  measure,
  medianOf,
  percent,
  timesFigure,
  timesText,
} from "../lab-figures.ts";
import { chartsOf, tablesOf } from "./cache-charts.ts";
import {
  baselineRate,
  type CacheObservations,
  MODES,
  type Mode,
  RATE_SETTING,
  warmUpOf,
} from "./cache-observations.ts";
import { calls, NAMES, open, type Rows, rowOf, throughput, valuesOf } from "./cache-rows.ts";

export const concludeCache = (lab: Lab, observed: CacheObservations): Findings => {
  const { plan, products, rate, turns } = observed;
  const rows = turns.map(rowOf);
  const loads = turns.map(({ load }) => load);
  const lost = rows.filter(({ success }) => success !== 1).length;
  return {
    ...noFindings,
    summary: summaryOf(rows, rate),
    verdicts: contentVerdict(loads, ANY_FAILURE),
    warnings: [
      ...commonWarnings(
        plan.repeat,
        rows.map((row) => row.generatorPeak),
      ),
      ...unbegunWarnings(loads),
      ...(lost > 0 ? [`Not every read was answered in ${lost} of ${rows.length} stretches.`] : []),
      ...(lab.options.url
        ? [
            "Somebody's running shop: what else it did meanwhile is not known here, and hits and calls are counted by whichever of " +
              "its processes answers.",
          ]
        : []),
    ],
    method: [
      `One server process and ${lab.options.url ? "its" : products.toLocaleString("en")} products, drawn by Zipf's law with ` +
        `exponent 1. ${
          lab.options.url
            ? "Redis holds what it held before"
            : "Redis holds the whole catalogue before it begins, so that what is saved is what a warm cache saves"
        }; memory is emptied whenever the mode changes, and fills while a mode settles.`,
      `The modes take turns in random order under one load that goes on, ${plan.repeat} times each: ${warmUpOf(plan)} s to ` +
        `settle, ${plan.duration} s that count.`,
      `Throughput: ${plan.users} users, each asking again as soon as it is answered.`,
      `Latency: reads come at a fixed rate by a Poisson process, ${
        baselineRate(lab) === undefined ? "40 % of what the shop can do without a cache" : "the baseline's"
      }, and are timed from when they were due.`,
    ],
    settings: {
      users: plan.users,
      "seconds a stretch": plan.duration,
      repeats: plan.repeat,
      ...(rate && { [RATE_SETTING]: rate }),
      ...(!lab.options.url && { products }),
    },
    measures: MODES.flatMap((mode) => [
      ...NAMES.flatMap((name) =>
        measure(
          `cache.${mode}.${name}`,
          `${mode}: ${name} at a fixed rate`,
          "ms",
          "lower",
          open(rows, mode, name),
        ),
      ),
      ...measure(
        `cache.${mode}.throughput`,
        `${mode}: throughput`,
        "reads/s",
        "higher",
        throughput(rows, mode),
      ),
      ...measure(
        `cache.${mode}.calls`,
        `${mode}: DynamoDB calls`,
        "per 1,000 reads",
        "lower",
        calls(rows, mode),
      ),
    ]),
    charts: chartsOf(rows, rate),
    tables: [...tablesOf(rows), ...troubleTables(loads)],
    raw: { turns: rows },
  };
};

const isMeasured = (rows: Rows): boolean => MODES.every((mode) => open(rows, mode, "p95").length > 0);

const summaryOf = (rows: Rows, rate = 0): Findings["summary"] => {
  if (!isMeasured(rows)) return [];
  const p95 = (mode: Mode): string => figure(medianOf(open(rows, mode, "p95")));
  const peak = Math.max(...valuesOf(rows, "tiered", false, (row) => row.generatorPeak).map(Number));
  return [
    {
      question: "How much sooner is a product read?",
      figure: timesFigure(open(rows, "off", "p95"), open(rows, "tiered", "p95")),
      answer: `p95 falls from ${p95("off")} ms without a cache to ${p95("tiered")} ms with memory over Redis.`,
      detail:
        `At ${figure(rate)} reads/s, p95 is ${p95("redis")} ms with Redis alone. Without a cache it is ` +
        `${timesText(open(rows, "off", "p95"), open(rows, "tiered", "p95"))} that of both tiers.`,
      chart: "cache.latency",
    },
    {
      question: "How much more can one process serve?",
      figure: timesFigure(throughput(rows, "tiered"), throughput(rows, "off")),
      answer:
        `${figure(medianOf(throughput(rows, "tiered")))} reads/s with both tiers instead of ` +
        `${figure(medianOf(throughput(rows, "off")))} without a cache.`,
      detail:
        `Both tiers serve ${timesText(throughput(rows, "tiered"), throughput(rows, "off"))} the reads.` +
        (peak > GENERATOR_LIMIT
          ? " The load generator was at its own limit then: the shop can do more."
          : ""),
      chart: "cache.throughput",
    },
    {
      question: "How many DynamoDB calls are saved?",
      figure: percent(saved(rows, "tiered")),
      answer: `Both tiers save that share of the calls; Redis alone saves ${percent(saved(rows, "redis"))}.`,
      chart: "cache.calls",
    },
  ];
};

const saved = (rows: Rows, mode: Mode): number | null => {
  const [now, before] = [medianOf(calls(rows, mode)), medianOf(calls(rows, "off"))];
  return now === null || !before ? null : Math.max(0, 1 - now / before);
};
