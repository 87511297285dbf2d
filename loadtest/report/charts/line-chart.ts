import { axisX, axisY, gridY, ruleY } from "@observablehq/plot";
import type { Markup } from "../markup.ts";
import { colour } from "../palette.ts";
import type { Chart } from "../run-result.ts";
import { domainOf, logTicks, pixelScale, tickText } from "./axes.ts";
import { bandMarks, bandsHeight, hatching } from "./band-rows.ts";
import type { Legend } from "./legend.ts";
import { lineMarks, nameMarks, namePlaces, type Point } from "./line-marks.ts";
import { markersOf } from "./markers.ts";
import { type ChartSize, drawn, fitted, textWidth, WIDTHS } from "./svg.ts";
import { type XAxis, xAxisOf } from "./x-axis.ts";

export interface ChartDrawing {
  readonly parts: readonly Markup[];
  readonly height: number;
  readonly legend: Legend;
}

const LINES_HEIGHT: Readonly<Record<ChartSize, number>> = { full: 250, half: 210, small: 170 };
const MOST_SYMBOLS: Readonly<Record<ChartSize, number>> = { full: 24, half: 16, small: 12 };
/** How much wider bold letters are. */
const BOLD = 1.12;
/** Above the lines stands the name of the vertical axis, below them those of the horizontal one. */
const Y_LABEL = 28;
const X_LABELS = 44;

export const lineChart = (chart: Chart, size: ChartSize, id: string): ChartDrawing => {
  const width = WIDTHS[size];
  const xAxis = xAxisOf(chart);
  const lines = chart.series.map(({ points }) => points.map((point) => pointOf(point, xAxis, chart.y.scale)));
  const yDomain = domainOf(
    lines.flatMap((points) => points.flatMap(({ y, low, high }) => [y, low, high])).filter(Number.isFinite),
    chart.y.scale,
  );
  const names = chart.series.map(({ name }) => name);
  const nameWidth = Math.max(...names.map((name) => textWidth(name) * BOLD));
  const linesHeight = LINES_HEIGHT[size];
  const places =
    names.length > 1 && nameWidth <= width * 0.3
      ? namePlaces(lines, pixelScale(chart.y.scale, yDomain, [linesHeight, 0]), [0, linesHeight])
      : undefined;

  const left = Math.max(46, ...chart.bands.map(({ row }) => Math.min(textWidth(row) + 14, width * 0.25)));
  const right = width - (places ? nameWidth + 14 : 20);
  const x = pixelScale(xAxis.kind, xAxis.domain, [left, right]);
  const markers = markersOf(chart, x, width);
  const top = Y_LABEL + markers.height;
  const bottom = top + linesHeight;
  const y = pixelScale(chart.y.scale, yDomain, [bottom, top]);
  const yTicks = chart.y.scale === "log" ? { ticks: logTicks(yDomain) } : { tickSpacing: 44 };
  const xTicks = xAxis.ticksFor(x);
  const hasSymbols = Math.max(...lines.map((points) => points.length)) <= MOST_SYMBOLS[size];
  const height = bottom + bandsHeight(chart) + X_LABELS;

  const plot = drawn({
    width,
    height,
    marginTop: top,
    marginBottom: X_LABELS,
    marginLeft: left,
    marginRight: width - right,
    x: { type: xAxis.kind, domain: [...xAxis.domain], range: [left, right] },
    y: { type: chart.y.scale, domain: yDomain, range: [bottom, top] },
    marks: [
      gridY({ ...yTicks, stroke: colour("grid"), strokeOpacity: 1 }),
      axisY({
        ...yTicks,
        text: tickText,
        label: fitted(chart.y.label, width - 6),
        labelAnchor: "top",
        labelArrow: "none",
        tickSize: 0,
      }),
      ruleY([y.invert(bottom)], { stroke: colour("muted") }),
      ...bandMarks(chart, { x, y }, bottom, left, id),
      ...markers.marks,
      ...lines.flatMap((points, i) => lineMarks(points, i, hasSymbols, lines.length === 1)),
      ...(places
        ? nameMarks(
            names,
            places.map((place) => top + place),
            y,
          )
        : []),
      axisX({
        ...(xTicks ? { ticks: xTicks } : { tickSpacing: 80 }),
        text: (position: number) => xAxis.textOf(position, right - left),
        tickSize: 4,
        label: fitted(chart.x.label, right - left),
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 38,
      }),
    ],
  });
  return {
    parts: chart.bands.length > 0 ? [hatching(id), plot] : [plot],
    height,
    legend: {
      series: places || names.length === 1 ? [] : names,
      keys: hasSymbols ? "symbols" : "dashes",
      states: [...new Set(chart.bands.map(({ state }) => state))],
    },
  };
};

const pointOf = (
  point: Chart["series"][number]["points"][number],
  axis: XAxis,
  scale: "linear" | "log",
): Point => {
  const y = point.y === null || (scale === "log" && point.y <= 0) ? Number.NaN : point.y;
  const low = scale === "log" && (point.low ?? y) <= 0 ? y : (point.low ?? y);
  return { x: axis.positionOf(point.x), y, low, high: point.high ?? y };
};
