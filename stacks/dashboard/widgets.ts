import type { Line } from "./metric-lines.ts";

export interface Graph {
  readonly title: string;
  /** The unit of the left axis. */
  readonly unit: string;
  readonly lines: readonly Line[];
  readonly stacked?: boolean;
}

/** Graphs beside one another under a heading. */
export interface Row {
  readonly heading: string;
  readonly graphs: readonly Graph[];
}

/** CloudWatch's grid is 24 units wide. */
const GRID_WIDTH = 24;
const GRAPHS_A_LINE = 3;
const HEIGHT = 6;
const HEADING_HEIGHT = 1;

const rendered = ({ metric = [], expression, ...options }: Line): unknown[] =>
  expression ? [{ expression, ...options }] : [...metric, options];

const graphWidget = ({ title, unit, lines, stacked = false }: Graph, region: string) => ({
  title,
  region,
  view: "timeSeries",
  stacked,
  period: 60,
  yAxis: { left: { label: unit, min: 0, showUnits: false } },
  metrics: lines.map(rendered),
});

/** A dashboard as CloudWatch reads it, rows from top to bottom. */
export const dashboardBody = (rows: readonly Row[], region: string) => {
  let y = 0;
  const widgets = rows.flatMap(({ heading, graphs }) => {
    const top = y;
    const width = GRID_WIDTH / GRAPHS_A_LINE;
    y += HEADING_HEIGHT + Math.ceil(graphs.length / GRAPHS_A_LINE) * HEIGHT;
    return [
      {
        type: "text",
        x: 0,
        y: top,
        width: GRID_WIDTH,
        height: HEADING_HEIGHT,
        properties: { markdown: `## ${heading}` },
      },
      ...graphs.map((graph, index) => ({
        type: "metric",
        x: (index % GRAPHS_A_LINE) * width,
        y: top + HEADING_HEIGHT + Math.floor(index / GRAPHS_A_LINE) * HEIGHT,
        width,
        height: HEIGHT,
        properties: graphWidget(graph, region),
      })),
    ];
  });
  return { widgets };
};
