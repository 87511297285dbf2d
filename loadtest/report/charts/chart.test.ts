import fc from "fast-check";
import { expect, test } from "vitest";
import { fixtureRun } from "../fixture/fixture-run.ts";
import type { Chart } from "../run-result.ts";
import { chartSize, drawChart } from "./chart.ts";

const SIZES = ["full", "half", "small"] as const;

const chartOf = (change: Partial<Chart>): Chart => ({
  id: "chart",
  title: "Title",
  caption: "Caption",
  kind: "line",
  x: { label: "users", scale: "linear" },
  y: { label: "latency (ms)", scale: "linear" },
  series: [],
  bands: [],
  markers: [],
  ...change,
});

const series = (name: string, ...ys: readonly (number | null)[]) => ({
  name,
  points: ys.map((y, x) => ({ x, y })),
});

const occurrences = (text: string, part: string): number => text.split(part).length - 1;

/** Nothing that is measured here is between 0 and a millionth. */
const amount = (max: number) => fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max, noNaN: true }));

const anyChart: fc.Arbitrary<Chart> = fc
  .record({
    kind: fc.constantFrom("line" as const, "bar" as const),
    xScale: fc.constantFrom("linear" as const, "log" as const, "category" as const),
    yScale: fc.constantFrom("linear" as const, "log" as const),
    isNamed: fc.boolean(),
    names: fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 9 }),
    points: fc.array(
      fc.tuple(amount(5000), fc.option(amount(1e6)), fc.double({ min: 0, max: 0.9, noNaN: true })),
      { maxLength: 40 },
    ),
    bands: fc.array(
      fc.record({
        row: fc.constantFrom("DynamoDB", "a row with quite a long name indeed", ""),
        from: fc.nat(100),
        to: fc.nat(100),
        state: fc.constantFrom("closed", "open", "half_open", "<odd>"),
      }),
      { maxLength: 6 },
    ),
    markers: fc.array(fc.record({ x: fc.nat(100), label: fc.string({ maxLength: 60 }) }), { maxLength: 5 }),
  })
  .map(({ kind, xScale, yScale, isNamed, names, points, bands, markers }) => {
    const drawn = points.map(([x, y, noise]) => ({
      x: isNamed ? `at ${Math.round(x / 500)}` : x,
      y,
      ...(y !== null && { low: y * (1 - noise), high: y * (1 + noise) }),
    }));
    return chartOf({
      kind,
      x: { label: "x", scale: xScale },
      y: { label: "y", scale: yScale },
      series: names.map((name) => ({ name, points: drawn })),
      bands,
      markers,
    });
  });

test("draws any measurement, at places that exist", () => {
  fc.assert(
    fc.property(anyChart, fc.constantFrom(...SIZES), (chart, size) => {
      const { text } = drawChart({ ...chart, title: "t" }, size, "id");
      expect(text.replaceAll(/>[^<]*</g, "><")).not.toMatch(/NaN|Infinity|undefined/);
      const isEmpty = chart.series.every(({ points }) => points.every(({ y }) => y === null));
      expect(text).toMatch(
        isEmpty ? /Nothing was measured/ : /<svg class="plot" id="id" viewBox="0 0 \d+ [\d.]+"/,
      );
    }),
    { numRuns: 150 },
  );
});

test("names, titles and states stay text", () => {
  const evil = `<script>alert("1")</script><img src=x onerror='a'>&amp;`;
  const chart = chartOf({
    title: evil,
    x: { label: evil, scale: "category" },
    y: { label: evil, scale: "linear" },
    series: [series(evil, 1, 2), { name: "b", points: [{ x: evil, y: 3 }] }],
    bands: [{ row: evil, from: 0, to: 1, state: evil }],
    markers: [{ x: 0.5, label: evil }],
  });
  for (const kind of ["line", "bar"] as const) {
    for (const size of SIZES) {
      const { text } = drawChart({ ...chart, kind }, size, "id");
      expect(text).not.toMatch(/<script|<img/i);
      expect(text).toContain("&lt;script&gt;");
      expect(text).toContain("&amp;amp;");
    }
  }
});

test("every point of a line has a symbol while there is room, and none where they would cover it", () => {
  const few = drawChart(
    chartOf({ series: [series("a", 1, 2, 3), series("b", 3, null, 1)] }),
    "half",
    "id",
  ).text;
  const symbols = [...few.matchAll(/aria-label="dot">(.*?)<\/g>/gs)].map(
    ([, dots = ""]) => occurrences(dots, "<path") + occurrences(dots, "<circle"),
  );
  expect(symbols).toEqual([3, 2]);
  const many = Array.from({ length: 100 }, (_, i) => i % 7);
  expect(drawChart(chartOf({ series: [series("a", ...many)] }), "full", "id").text).not.toContain(
    'aria-label="dot"',
  );
});

test("a second without an answer is a gap in the line, and a second alone between two is a dot", () => {
  const many = Array.from({ length: 100 }, (_, i) => (i === 49 || i === 51 ? null : 5));
  const { text } = drawChart(chartOf({ series: [series("a", ...many)] }), "full", "id");
  const [, line = ""] = /aria-label="line"[^>]*>\s*<path d="([^"]*)"/.exec(text) ?? [];
  expect(occurrences(line, "M")).toBe(3);
  expect(text).toContain('aria-label="dot"');
});

test("intervals are ribbons about lines and whiskers on bars; without any there are none", () => {
  const points = [1, 2, 3].map((x) => ({ x, y: 10 * x, low: 9 * x, high: 12 * x }));
  const line = drawChart(chartOf({ series: [{ name: "a", points }] }), "half", "id").text;
  expect(occurrences(line, 'aria-label="area"')).toBe(1);
  const bars = drawChart(chartOf({ kind: "bar", series: [{ name: "a", points }] }), "half", "id").text;
  expect(occurrences(bars, 'aria-label="rect"')).toBe(3);
  // A stem and two ends each, and the axis at 0.
  expect(occurrences(bars, 'aria-label="rule"')).toBe(3 * 3 + 1);
  const plain = drawChart(chartOf({ series: [series("a", 1, 2, 3)] }), "half", "id").text;
  expect(plain).not.toContain('aria-label="area"');
});

test("bars on a logarithmic axis are dots, for there is no 0 to start from", () => {
  const chart = chartOf({ kind: "bar", y: { label: "ms", scale: "log" }, series: [series("a", 1, 100, 0)] });
  const { text } = drawChart(chart, "half", "id");
  expect(occurrences(text, 'aria-label="dot"')).toBe(2);
  expect(text).not.toContain('aria-label="rect"');
});

test("lines are named at their ends where there is room, else in a legend", () => {
  const short = [series("p50", 1, 2), series("p95", 2, 3)];
  const long = [series("with breakers and retries switched on", 1, 2), series("without", 2, 3)];
  expect(drawChart(chartOf({ series: short }), "half", "id").text).not.toContain('class="legend"');
  const { text } = drawChart(chartOf({ series: long }), "half", "id");
  expect(text).toContain('class="legend"');
  expect(text).toContain("switched on</li>");
  const together = ["a", "b", "c", "d", "e"].map((name, i) => series(name, i, 1));
  expect(drawChart(chartOf({ series: together }), "half", "id").text).toContain('class="legend"');
  expect(drawChart(chartOf({ series: [series("alone", 1, 2)] }), "half", "id").text).not.toContain(
    'class="legend"',
  );
});

test("states are told apart by colour, hatching and word", () => {
  const states = ["closed", "open", "half_open", "unheard of"];
  const bands = states.map((state, i) => ({ row: "Redis", from: 25 * i, to: 25 * i + 25, state }));
  const { text } = drawChart(chartOf({ series: [series("a", ...Array(101).fill(1))], bands }), "full", "id");
  expect(text).toContain('fill="url(#id-hatch)"');
  for (const fill of ["calm", "alarm", "other"]) expect(text).toContain(`fill="var(--${fill})"`);
  for (const word of ["closed", "open", "half-open", "unheard of"]) expect(text).toContain(`>${word}</text>`);
});

test("describes the drawing in words", () => {
  const chart = chartOf({
    series: [series("a", ...Array.from({ length: 30 }, (_, i) => 2 * i)), series("b", null)],
    markers: [{ x: 3, label: "Redis killed" }],
    bands: [{ row: "Redis", from: 3, to: 9, state: "open" }],
  });
  const [, words = ""] = /<desc[^>]*>(.*?)<\/desc>/s.exec(drawChart(chart, "full", "id").text) ?? [];
  expect(words).toBe(
    "latency (ms) by users. a: from 0 at 0 to 58 at 29, between 0 and 58. b: nothing was measured. " +
      "Redis killed at 3. Redis open from 3 to 9.",
  );
});

test("timelines get the page's width, others may share it", () => {
  const sizes = fixtureRun().results.flatMap(({ charts }) =>
    charts.map((chart) => [chart.id, chartSize(chart)]),
  );
  expect(Object.fromEntries(sizes)).toMatchObject({ success: "full", speedup: "half", orders: "half" });
});
