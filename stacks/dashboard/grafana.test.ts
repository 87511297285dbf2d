import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { METRICS } from "../../core/telemetry/metrics.ts";
import { FAMILIES } from "../../core/telemetry/series-names.ts";
import { grafanaDashboard } from "./grafana.ts";

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const { panels } = grafanaDashboard() as { panels: readonly Panel[] };
const graphs = panels.filter(({ type }) => type === "timeseries");

test("docs/reference/grafana-dashboard.json is up to date: else run `npm run docs:generate`", () => {
  const file = join(import.meta.dirname, "../../docs/reference/grafana-dashboard.json");
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(grafanaDashboard());
});

test("each declared metric has one graph", () => {
  const names = Object.keys(METRICS).map((name) => FAMILIES.get(name as keyof typeof METRICS)?.name);
  expect(graphs.map(({ description }) => description).toSorted()).toEqual(names.toSorted());
});

test("each query names one series of its metric", () => {
  const suffixes = { counter: "_total", histogram: "_bucket", gauge: "" };
  for (const { description, targets = [] } of graphs) {
    const family = [...FAMILIES.values()].find(({ name }) => name === description);
    expect(targets.length).toBeGreaterThan(0);
    for (const { expr } of targets) {
      const [series, ...others] = expr.match(/stampede_\w+/g) ?? [];
      expect(others).toEqual([]);
      expect(series).toBe(`${family?.name}${suffixes[family?.type ?? "gauge"]}`);
      expect(expr.split("(")).toHaveLength(expr.split(")").length);
      if (family?.label) expect(expr).toMatch(new RegExp(`by \\((le, )?${family.label}`));
    }
  }
});

test("panels neither overlap nor share an id", () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});
