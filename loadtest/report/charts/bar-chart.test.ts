import { expect, test } from "vitest";
import type { Chart } from "../run-result.ts";
import { drawChart } from "./chart.ts";
import { textWidth } from "./svg.ts";

test("the first number under bars whose names stand above them is not cut off", () => {
  const points = [{ x: "a kind of trouble with quite a long name indeed, as they are", y: 105 }];
  const chart: Chart = {
    id: "chart",
    title: "Title",
    caption: "Caption",
    kind: "bar",
    x: { label: "trouble", scale: "category" },
    y: { label: "ms", scale: "log" },
    series: [{ name: "p99", points: [...points, { x: "b", y: 900 }] }],
    bands: [],
    markers: [],
  };
  for (const size of ["full", "half", "small"] as const) {
    const { text } = drawChart(chart, size, "id");
    const x = Number(/translate\(([\d.]+),[^"]*"[^>]*>100</.exec(text)?.[1]);
    expect(x - textWidth("100") / 2, text).toBeGreaterThanOrEqual(0);
  }
});
