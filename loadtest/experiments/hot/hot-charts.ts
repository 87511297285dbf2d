import type { Chart } from "../../report/run-result.ts";
import { medianOf } from "../lab-figures.ts";
import { barChart, lineChart, pointOf, rounded } from "../plots.ts";
import { latencyOf, type Second, totalsOf } from "../timeline.ts";
import { DATABASE_MS, type Rush, STATES } from "./hot-observations.ts";
import { type Key, of, type Row } from "./hot-rows.ts";

export const chartsOf = (rows: readonly Row[], rushes: readonly Rush[]): Chart[] => {
  const x = { label: "State" };
  const bars = (key: Key) => STATES.map((state) => pointOf(state, of(rows, state, key)));
  if (rows.length === 0) return [];
  return [
    barChart({
      id: "hot.latency",
      title: "Latency of the product that gets hot",
      caption: `Of its reads in the first half second, and in all of the rush. A call of DynamoDB takes ${DATABASE_MS} ms.`,
      x,
      y: { label: "Latency (ms)", scale: "log" },
      series: {
        "slowest at first": bars("firstMax"),
        "p99 at first": bars("firstP99"),
        "p99 of the rush": bars("p99"),
      },
    }),
    barChart({
      id: "hot.calls",
      title: "DynamoDB calls",
      caption: "For all reads, of the hot product and of the others.",
      x,
      y: { label: "Calls" },
      series: { "first second": bars("firstCalls"), "whole rush": bars("calls") },
    }),
    lineChart({
      id: "hot.course",
      title: "Second by second",
      caption: "p99 of all reads around the moment in which the product gets hot; medians of the repeats.",
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
