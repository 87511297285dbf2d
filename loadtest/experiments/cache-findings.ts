import type { Chart } from "../report/result.ts";
import { type CacheObservations, MODES, type Mode, type Turn, warmUpOf } from "./cache.ts";
import { barChart, pointOf, rounded } from "./charts.ts";
import {
  commonWarnings,
  figure,
  GENERATOR_LIMIT,
  measure,
  medianOf,
  noFindings,
  percent,
  type Samples,
  timesText,
} from "./findings.ts";
import type { Findings, Lab } from "./lab.ts";
import { between, generatorPeak, latencyOf, successOf, throughputOf, totalsOf } from "./timeline.ts";

const PERCENTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;
const NAMES = ["p50", "p95", "p99"] as const;

export const concludeCache = (lab: Lab, observed: CacheObservations): Findings => {
  const { plan, products, rate, turns } = observed;
  const rows = turns.map(rowOf);
  const lost = rows.filter(({ success }) => success !== 1).length;
  return {
    ...noFindings,
    summary: summaryOf(rows, rate),
    warnings: [
      ...commonWarnings(
        plan.repeat,
        rows.map((row) => row.generatorPeak),
      ),
      ...(lost > 0 ? [`Not every read was answered in ${lost} of ${rows.length} stretches.`] : []),
      ...(lab.options.url ? ["Somebody's running shop: what else it did meanwhile is not known here."] : []),
    ],
    method: [
      `One server process and ${lab.options.url ? "its" : products.toLocaleString("en")} products, drawn by Zipf's law with ` +
        "exponent 1; every product is in both tiers before it begins.",
      `The modes take turns in an order of chance under one load that goes on, ${plan.repeat} times each: ${warmUpOf(plan)} s to ` +
        `settle, ${plan.duration} s that count.`,
      `Throughput: ${plan.users} users, each asking again as soon as it is answered.`,
      "Latency: reads come at a fixed rate by a Poisson process, 40 % of what the shop can do without a cache, and are timed " +
        "from when they were due.",
      "Intervals are 95 % bootstrap intervals of the median, or of the ratio of medians.",
    ],
    settings: {
      users: plan.users,
      "seconds a stretch": plan.duration,
      repeats: plan.repeat,
      ...(rate && { "reads/s at the fixed rate": rate }),
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
    tables: tablesOf(rows),
    raw: { turns: rows },
  };
};

type Row = ReturnType<typeof rowOf>;
type Rows = readonly Row[];

const rowOf = ({ mode, isOpen, repeat, load, stretch, counted }: Turn) => {
  const seconds = between(load.seconds, stretch.from, stretch.to);
  const totals = totalsOf(seconds);
  const reads = Math.max(1, counted.reads);
  return {
    mode,
    isOpen,
    repeat,
    throughput: rounded(throughputOf(totals)),
    p50: latencyOf(totals, PERCENTILES.p50),
    p95: latencyOf(totals, PERCENTILES.p95),
    p99: latencyOf(totals, PERCENTILES.p99),
    success: successOf(totals),
    fromMemory: rounded(counted.memory / reads),
    fromRedis: rounded(counted.second / reads),
    callsPerThousand: rounded((1_000 * counted.calls) / reads),
    generatorPeak: generatorPeak(seconds),
  };
};

const valuesOf = (rows: Rows, mode: Mode, isOpen: boolean, value: (row: Row) => number | null): Samples =>
  rows.filter((row) => row.mode === mode && row.isOpen === isOpen).map(value);

const open = (rows: Rows, mode: Mode, name: (typeof NAMES)[number]): Samples =>
  valuesOf(rows, mode, true, (row) => row[name]);
const throughput = (rows: Rows, mode: Mode): Samples => valuesOf(rows, mode, false, (row) => row.throughput);
const calls = (rows: Rows, mode: Mode): Samples => valuesOf(rows, mode, true, (row) => row.callsPerThousand);

const isMeasured = (rows: Rows): boolean => MODES.every((mode) => open(rows, mode, "p95").length > 0);

const summaryOf = (rows: Rows, rate = 0): Findings["summary"] => {
  if (!isMeasured(rows)) return [];
  const p95 = (mode: Mode): string => figure(medianOf(open(rows, mode, "p95")));
  const peak = Math.max(...valuesOf(rows, "tiered", false, (row) => row.generatorPeak).map(Number));
  return [
    {
      question: "How much sooner is a product read?",
      answer:
        `At ${figure(rate)} reads/s, p95 is ${p95("off")} ms without a cache, ${p95("redis")} ms with Redis and ` +
        `${p95("tiered")} ms with memory over Redis, which is better by ` +
        `${timesText(open(rows, "off", "p95"), open(rows, "tiered", "p95"))}.`,
      chart: "cache.latency",
    },
    {
      question: "How much more can one process serve?",
      answer:
        `${figure(medianOf(throughput(rows, "off")))} reads/s without a cache, ` +
        `${figure(medianOf(throughput(rows, "tiered")))} with both tiers: ` +
        `${timesText(throughput(rows, "tiered"), throughput(rows, "off"))}.` +
        (peak > GENERATOR_LIMIT
          ? " The load generator was at its own limit then: the shop can do more."
          : ""),
      chart: "cache.throughput",
    },
    {
      question: "How many DynamoDB calls are saved?",
      answer: `${percent(saved(rows, "redis"))} with Redis, ${percent(saved(rows, "tiered"))} with both tiers.`,
      chart: "cache.calls",
    },
  ];
};

const saved = (rows: Rows, mode: Mode): number | null => {
  const [now, before] = [medianOf(calls(rows, mode)), medianOf(calls(rows, "off"))];
  return now === null || !before ? null : Math.max(0, 1 - now / before);
};

const chartsOf = (rows: Rows, rate = 0): Chart[] => {
  const x = { label: "Mode" };
  const bars = (valuesOf: (rows: Rows, mode: Mode) => Samples) =>
    MODES.map((mode) => pointOf(mode, valuesOf(rows, mode)));
  return [
    barChart({
      id: "cache.latency",
      title: "Latency of a product read",
      caption: `By mode of the cache, at ${figure(rate)} reads/s in all of them.`,
      x,
      y: { label: "Latency (ms)", scale: "log" },
      series: Object.fromEntries(NAMES.map((name) => [name, bars((rows, mode) => open(rows, mode, name))])),
    }),
    barChart({
      id: "cache.throughput",
      title: "Throughput of one process",
      caption: "With users that ask again as soon as they are answered.",
      x,
      y: { label: "Reads/s" },
      series: { throughput: bars(throughput) },
    }),
    barChart({
      id: "cache.calls",
      title: "DynamoDB calls",
      caption: "How many calls 1,000 reads of products cost.",
      x,
      y: { label: "Calls per 1,000 reads" },
      series: { calls: bars(calls) },
    }),
  ];
};

const tablesOf = (rows: Rows): Findings["tables"] => {
  const share = (mode: Mode, value: (row: Row) => number): string =>
    percent(medianOf(valuesOf(rows, mode, true, value)));
  const better = (mode: Mode): string[] => [
    timesText(throughput(rows, mode), throughput(rows, "off")),
    ...NAMES.map((name) => timesText(open(rows, "off", name), open(rows, mode, name))),
  ];
  return [
    {
      title: "Medians by mode",
      columns: [
        "Mode",
        "Reads/s",
        "p50 (ms)",
        "p95 (ms)",
        "p99 (ms)",
        "From memory",
        "From Redis",
        "Calls per 1,000",
      ],
      rows: MODES.map((mode) => [
        mode,
        figure(medianOf(throughput(rows, mode))),
        ...NAMES.map((name) => figure(medianOf(open(rows, mode, name)))),
        share(mode, (row) => row.fromMemory),
        share(mode, (row) => row.fromRedis),
        figure(medianOf(calls(rows, mode))),
      ]),
    },
    {
      title: "Better than no cache by (ratio of medians, 95 % interval)",
      columns: ["Mode", "Reads/s", "p50", "p95", "p99"],
      rows: (["redis", "tiered"] as const).map((mode) => [mode, ...better(mode)]),
    },
  ];
};
