import type { Chart } from "../report/run-result.ts";
import { median, medianInterval } from "../report/statistics.ts";

type Axis<A extends "x" | "y"> = Partial<Chart[A]> & Pick<Chart[A], "label">;
type Point = Chart["series"][number]["points"][number];
type Samples = readonly (number | null)[];

export interface ChartOptions extends Pick<Chart, "id" | "title" | "caption"> {
  readonly x: Axis<"x">;
  readonly y: Axis<"y">;
  /** Points by the name of the series. */
  readonly series: Readonly<Record<string, Point[]>>;
  readonly bands?: Chart["bands"];
  readonly markers?: Chart["markers"];
}

const chart = (kind: Chart["kind"], options: ChartOptions): Chart => {
  const { x, y, series, bands = [], markers = [], ...rest } = options;
  return {
    ...rest,
    kind,
    x: { scale: kind === "bar" ? "category" : "linear", ...x },
    y: { scale: "linear", ...y },
    series: Object.entries(series).map(([name, points]) => ({ name, points })),
    bands,
    markers,
  };
};

export const lineChart = (options: ChartOptions): Chart => chart("line", options);
export const barChart = (options: ChartOptions): Chart => chart("bar", options);

/** The median of repeats with its interval, as a point of a chart. */
export const pointOf = (x: number | string, samples: Samples): Point => {
  const measured = present(samples);
  if (measured.length === 0) return { x, y: null };
  const interval = medianInterval(measured);
  const range = interval && { low: rounded(interval.low), high: rounded(interval.high) };
  return { x, y: rounded(median(measured)), ...range };
};

/** Those that were measured. */
export const present = (samples: Samples): number[] =>
  samples.filter((sample): sample is number => sample !== null && Number.isFinite(sample));

/** To five significant digits: more would be noise. */
export const rounded = (value: number): number => Number(value.toPrecision(5));
