import { html, type Markup } from "../markup.ts";
import type { Chart } from "../run-result.ts";
import { tickText } from "./axes.ts";
import { barChart } from "./bar-chart.ts";
import { legendOf } from "./legend.ts";
import { lineChart } from "./line-chart.ts";
import { type ChartSize, svgOf, WIDTHS } from "./svg.ts";

/** Timelines with their bands and markers need the page's width. */
export const chartSize = ({ bands, markers, series }: Chart): ChartSize =>
  bands.length > 0 || markers.length > 2 || series.some(({ points }) => points.length > 40) ? "full" : "half";

/**
 * A chart as SVG, with a legend above it where its lines have no room for their names; a sentence instead of an
 * empty frame where an interrupted run has measured nothing.
 */
export const drawChart = (chart: Chart, size: ChartSize, id: string): Markup => {
  if (chart.series.every(({ points }) => points.every(({ y }) => y === null))) {
    return html`<p class="note">Nothing was measured.</p>`;
  }
  const { parts, height, legend } = chart.kind === "bar" ? barChart(chart, size) : lineChart(chart, size, id);
  const drawing = { id, title: chart.title, description: descriptionOf(chart), width: WIDTHS[size], height };
  return html`${legendOf(legend)}${svgOf(drawing, parts)}`;
};

/** For readers who cannot see the drawing: each series from its first to its last point, with its extremes. */
const descriptionOf = ({ x, y, series, bands, markers }: Chart): string => {
  const sentences = series.map(({ name, points }) => {
    const values = points.flatMap(({ y }) => (y === null ? [] : [y]));
    if (values.length === 0) return `${name}: nothing was measured.`;
    if (points.length <= 6) {
      return `${name}: ${points.map(({ x, y }) => `${x} ${y === null ? "none" : tickText(y)}`).join(", ")}.`;
    }
    const ends = `${tickText(values[0] ?? 0)} at ${points[0]?.x} to ${tickText(values.at(-1) ?? 0)} at ${points.at(-1)?.x}`;
    return `${name}: from ${ends}, between ${tickText(Math.min(...values))} and ${tickText(Math.max(...values))}.`;
  });
  return [
    `${y.label} by ${x.label}.`,
    ...sentences,
    ...markers.map(({ x, label }) => `${label} at ${x}.`),
    ...bands.map(({ row, state, from, to }) => `${row} ${state} from ${from} to ${to}.`),
  ].join(" ");
};
