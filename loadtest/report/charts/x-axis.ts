import type { Chart } from "../run-result.ts";
import {
  type AxisScale,
  domainOf,
  logTicks,
  measuredTicks,
  type PixelScale,
  spaced,
  tickText,
} from "./axes.ts";
import { fitted } from "./svg.ts";

/** The horizontal axis of lines; categories stand at 0, 1, 2 and so on. */
export interface XAxis {
  readonly kind: AxisScale;
  readonly domain: readonly [number, number];
  readonly positionOf: (x: string | number) => number;
  /** Undefined where the axis should choose by itself. */
  readonly ticksFor: (pixels: PixelScale) => number[] | undefined;
  readonly textOf: (position: number, room: number) => string;
}

export const xAxisOf = (chart: Chart): XAxis => {
  const values = chart.series.flatMap(({ points }) => points.map(({ x }) => x));
  return chart.x.scale === "category" || values.some((x) => typeof x === "string")
    ? categoryAxis([...new Set(values.map(String))])
    : numberAxis(chart, values.map(Number), chart.x.scale);
};

const categoryAxis = (categories: readonly string[]): XAxis => ({
  kind: "linear",
  domain: [-0.3, categories.length - 0.7],
  positionOf: (x) => categories.indexOf(String(x)),
  ticksFor: () => categories.map((_, i) => i),
  textOf: (position, room) => fitted(categories[position] ?? "", room / categories.length - 6),
});

const numberAxis = ({ markers, bands }: Chart, values: readonly number[], scale: "linear" | "log"): XAxis => {
  const others = [...markers.map(({ x }) => x), ...bands.flatMap(({ from, to }) => [from, to])];
  const all = [...values, ...others].filter((x) => scale === "linear" || x > 0);
  const domain: [number, number] =
    all.length > 0 ? [Math.min(...all), Math.max(...all)] : domainOf([], scale);
  if (domain[0] === domain[1]) domain[1] = domain[0] + 1;
  return {
    kind: scale,
    domain,
    positionOf: Number,
    ticksFor: ({ apply }) =>
      measuredTicks(values, apply) ?? (scale === "log" ? spaced(logTicks(domain), apply) : undefined),
    textOf: tickText,
  };
};
