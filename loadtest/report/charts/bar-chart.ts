import { axisX, dot, gridX, type Markish, rect, ruleX, ruleY, text } from "@observablehq/plot";
import { figure } from "../format.ts";
import { colour, seriesColour } from "../palette.ts";
import type { Chart } from "../run-result.ts";
import { domainOf, logTicks, pixelScale, spaced, tickText } from "./axes.ts";
import type { ChartDrawing } from "./line-chart.ts";
import { lookOf } from "./look.ts";
import { type ChartSize, drawn, fitted, textWidth, WIDTHS } from "./svg.ts";

/** A drawing of few bars is about as high as one of lines, which may stand beside it. */
const BARS_HEIGHT: Readonly<Record<ChartSize, number>> = { full: 220, half: 220, small: 180 };
const THINNEST = 16;
const THICKEST = 42;
const GROUP_GAP = 16;
const NAME_LINE = 17;
/** Room for what the bars stand for. */
const TOP = 26;
const X_LABELS = 44;

interface Bar {
  readonly series: number;
  readonly value: number | null;
  readonly low: number;
  readonly high: number;
  /** Pixels from the top of the drawing to the bar's middle. */
  readonly middle: number;
}

/**
 * Bars lie, so that their names can be read; where these are long they stand above them. On a logarithmic axis,
 * which has no 0 that a bar could start from, there are dots instead.
 */
export const barChart = (chart: Chart, size: ChartSize): ChartDrawing => {
  const width = WIDTHS[size];
  const names = [...new Set(chart.series.flatMap(({ points }) => points.map(({ x }) => String(x))))];
  const longest = Math.max(...names.map(textWidth));
  const isBeside = longest <= width * 0.3;
  const nameLine = isBeside ? 0 : NAME_LINE;
  const room = (BARS_HEIGHT[size] / names.length - nameLine - GROUP_GAP) / chart.series.length;
  const thickness = Math.min(THICKEST, Math.max(THINNEST, room));
  const barsHeight = chart.series.length * thickness;
  const groupHeight = nameLine + barsHeight + GROUP_GAP;
  const bars = barsOf(
    chart,
    names,
    (group, series) => TOP + group * groupHeight + nameLine + (series + 0.5) * thickness,
  );
  const domain = domainOf(
    bars.flatMap(({ value, low, high }) => (value === null ? [] : [value, low, high])),
    chart.y.scale,
  );
  // Where no names stand beside the bars, half of the first tick's text does.
  const left = isBeside ? longest + 16 : Math.max(8, textWidth(tickText(domain[0])) / 2 + 1);
  const bottom = TOP + names.length * groupHeight - GROUP_GAP + 8;
  const right = width - Math.max(...bars.map(({ value }) => textWidth(figure(value ?? 0)))) - 16;
  const x = pixelScale(chart.y.scale, domain, [left, right]);
  const ticks = chart.y.scale === "log" ? { ticks: spaced(logTicks(domain), x.apply) } : { tickSpacing: 70 };
  const plot = drawn({
    width,
    height: bottom + X_LABELS,
    marginTop: TOP,
    marginBottom: X_LABELS,
    marginLeft: left,
    marginRight: width - right,
    x: { type: chart.y.scale, domain, range: [left, right] },
    y: { type: "identity", axis: null },
    marks: [
      gridX({ ...ticks, stroke: colour("grid"), strokeOpacity: 1 }),
      ...bars.flatMap((bar) => barMarks(bar, thickness, chart.y.scale === "log")),
      ...names.map((name, group) =>
        text([fitted(name, isBeside ? longest + 1 : width - 16)], {
          x: () => x.invert(left),
          y: () => TOP + group * groupHeight + (isBeside ? barsHeight / 2 : NAME_LINE / 2 - 1),
          textAnchor: isBeside ? "end" : "start",
          dx: isBeside ? -9 : 5,
          fill: colour("text"),
        }),
      ),
      text([fitted(chart.x.label, width - 6)], {
        x: () => x.invert(0),
        y: () => 7,
        textAnchor: "start",
        dx: 3,
        fill: colour("muted"),
      }),
      ...(chart.y.scale === "log" ? [] : [ruleX([0], { stroke: colour("muted") })]),
      axisX({
        ...ticks,
        text: tickText,
        tickSize: 0,
        label: fitted(chart.y.label, right - left),
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 38,
      }),
    ],
  });
  const series = chart.series.map(({ name }) => name);
  return {
    parts: [plot],
    height: bottom + X_LABELS,
    legend: {
      series: series.length === 1 ? [] : series,
      keys: chart.y.scale === "log" ? "dots" : "bars",
      states: [],
    },
  };
};

const barsOf = (
  { series }: Chart,
  names: readonly string[],
  middleOf: (group: number, series: number) => number,
): Bar[] =>
  series.flatMap(({ points }, i) =>
    points.map(({ x, y, low, high }) => ({
      series: i,
      value: y,
      low: low ?? y ?? 0,
      high: high ?? y ?? 0,
      middle: middleOf(names.indexOf(String(x)), i),
    })),
  );

const barMarks = (
  { series, value, low, high, middle }: Bar,
  thickness: number,
  isLog: boolean,
): Markish[] => {
  const at = { y: () => middle };
  if (value === null || (isLog && value <= 0)) return [];
  const body = isLog
    ? dot([value], {
        x: () => value,
        ...at,
        r: 4.5,
        symbol: lookOf(series).symbol,
        fill: seriesColour(series),
      })
    : rect([value], {
        x1: () => 0,
        x2: () => value,
        y1: () => middle - thickness / 2 + 1.5,
        y2: () => middle + thickness / 2 - 1.5,
        fill: seriesColour(series),
        rx: 1.5,
      });
  const interval = { stroke: colour("text"), strokeWidth: 1.25 };
  const cap = (edge: number) =>
    ruleX([edge], { x: () => edge, y1: () => middle - 4, y2: () => middle + 4, ...interval });
  return [
    ...(isLog ? [] : [body]),
    ...(high > low
      ? [ruleY([value], { ...at, x1: () => low, x2: () => high, ...interval }), cap(low), cap(high)]
      : []),
    ...(isLog ? [body] : []),
    text([figure(value)], {
      x: () => Math.max(value, high),
      ...at,
      dx: 7,
      textAnchor: "start",
      fill: colour("text"),
    }),
  ];
};
