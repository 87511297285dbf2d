import { METRIC_NAMESPACE, type MetricName } from "../../core/telemetry/metrics.ts";
import { FAMILIES, type Family } from "../../core/telemetry/series-names.ts";
import { shopRows, storageRows } from "./board.ts";
import { NO_NAMES, showsMetric } from "./shown-metrics.ts";

/** Grafana's grid has 24 columns. */
const WIDTH = 8;
const COLUMNS = 24 / WIDTH;
const HEIGHT = 8;

const DATA_SOURCE = { type: "prometheus", uid: `$\{datasource}` };

interface Target {
  readonly expr: string;
  readonly legend: string;
}

const targetsOf = ({ name, type, label }: Family): Target[] => {
  const legend = label ? `{{${label}}}` : "";
  const by = (labels: readonly (string | undefined)[]): string => {
    const given = labels.filter((one) => one !== undefined);
    return given.length === 0 ? "" : ` by (${given.join(", ")})`;
  };
  const rate = (series: string): string => `rate(${series}{job=~"$job"}[$__rate_interval])`;
  switch (type) {
    case "counter":
      return [{ expr: `sum${by([label])} (${rate(`${name}_total`)})`, legend: legend || "a second" }];
    case "gauge":
      return [
        {
          expr: `max${by([label, "instance"])} (${name}{job=~"$job"})`,
          legend: `${legend} {{instance}}`.trim(),
        },
      ];
    default:
      return [0.5, 0.95, 0.99].map((share) => ({
        expr: `histogram_quantile(${share}, sum${by(["le", label])} (${rate(`${name}_bucket`)}))`,
        legend: `p${100 * share} ${legend}`.trim(),
      }));
  }
};

/** Grafana's names for units. */
const unitOf = ({ type, unit }: Family): string =>
  unit === "seconds" ? "s" : unit === "bytes" ? "bytes" : type === "counter" ? "cps" : "short";

const panelOf = (family: Family, id: number, place: number, top: number): object => ({
  id,
  type: "timeseries",
  title: family.help,
  description: family.name,
  datasource: DATA_SOURCE,
  gridPos: {
    x: (place % COLUMNS) * WIDTH,
    y: top + Math.floor(place / COLUMNS) * HEIGHT,
    w: WIDTH,
    h: HEIGHT,
  },
  fieldConfig: { defaults: { unit: unitOf(family), min: 0 }, overrides: [] },
  options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } },
  targets: targetsOf(family).map(({ expr, legend }, index) => ({
    refId: "ABC"[index],
    datasource: DATA_SOURCE,
    expr,
    legendFormat: legend,
  })),
});

/** The metrics under the headings of CloudWatch's dashboards, each under the first that shows it. */
const rowsOfMetrics = (): Map<string, MetricName[]> => {
  const rows = new Map<string, MetricName[]>();
  for (const name of FAMILIES.keys()) {
    const row = [...shopRows(NO_NAMES), ...storageRows(NO_NAMES)].find(({ graphs }) =>
      graphs.some((graph) => showsMetric(graph, name)),
    );
    const heading = row?.heading ?? "Further";
    rows.set(heading, [...(rows.get(heading) ?? []), name]);
  }
  return rows;
};

/** A dashboard of every declared metric, to be imported into Grafana. */
export const grafanaDashboard = (): object => {
  const panels: object[] = [];
  let id = 0;
  let top = 0;
  for (const [title, names] of rowsOfMetrics()) {
    panels.push({
      id: ++id,
      type: "row",
      title,
      collapsed: false,
      gridPos: { x: 0, y: top, w: 24, h: 1 },
      panels: [],
    });
    top += 1;
    for (const [place, name] of names.entries()) {
      const family = FAMILIES.get(name);
      if (family) panels.push(panelOf(family, ++id, place, top));
    }
    top += Math.ceil(names.length / COLUMNS) * HEIGHT;
  }
  return {
    uid: "stampede",
    title: METRIC_NAMESPACE,
    description: "Made by `npm run docs:generate` from core/telemetry/metrics.ts",
    schemaVersion: 39,
    editable: true,
    refresh: "10s",
    time: { from: "now-30m", to: "now" },
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus", label: "Data source" },
        {
          name: "job",
          type: "query",
          datasource: DATA_SOURCE,
          query: { query: "label_values(stampede_requests_total, job)", refId: "job" },
          includeAll: true,
          multi: true,
          refresh: 2,
        },
      ],
    },
    panels,
  };
};
