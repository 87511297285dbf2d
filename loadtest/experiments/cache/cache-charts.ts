import type { Chart } from "../../report/run-result.ts";
import type { Findings } from "../lab.ts";
import { figure, medianOf, percent, type Samples, timesText } from "../lab-figures.ts";
import { barChart, pointOf } from "../plots.ts";
import { MODES, type Mode } from "./cache-observations.ts";
import { calls, NAMES, open, type Row, type Rows, throughput, valuesOf } from "./cache-rows.ts";

export const chartsOf = (rows: Rows, rate = 0): Chart[] => {
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

export const tablesOf = (rows: Rows): Findings["tables"] => {
  const share = (mode: Mode, value: (row: Row) => number | null): string =>
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
      title: "Better than no cache by (ratio of medians)",
      columns: ["Mode", "Reads/s", "p50", "p95", "p99"],
      rows: (["redis", "tiered"] as const).map((mode) => [mode, ...better(mode)]),
    },
  ];
};
