import { axisX, dot, gridX, rect, ruleX, ruleY, text } from "@observablehq/plot";
import type { Change, ComparedMeasure } from "../compare-runs.ts";
import { factor, figure, withUnit } from "../format.ts";
import type { Markup } from "../markup.ts";
import { type Colour, colour } from "../palette.ts";
import { DIFFERENCE_LIMITS } from "../statistics.ts";
import { pixelScale, spaced } from "./axes.ts";
import { type ChartSize, drawn, fitted, svgOf, textWidth, WIDTHS } from "./svg.ts";

const TOP = 8;
const X_LABELS = 44;
const TICKS = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10, 20, 50, 100,
];

/** Shapes say it too, for readers who cannot tell the colours apart. */
const LOOKS: Readonly<
  Record<
    Change,
    { readonly fill: Colour; readonly symbol: "triangle" | "star" | "diamond" | "circle"; readonly r: number }
  >
> = {
  worse: { fill: "bad", symbol: "triangle", r: 5 },
  better: { fill: "ok", symbol: "star", r: 5.5 },
  changed: { fill: "link", symbol: "diamond", r: 5 },
  same: { fill: "muted", symbol: "circle", r: 3.5 },
  "too few repeats": { fill: "muted", symbol: "circle", r: 3.5 },
  "not comparable": { fill: "muted", symbol: "circle", r: 3.5 },
};

/** The ratio of each measure to the baseline's with its interval, about the band that counts as unchanged. */
export const drawRatios = (measures: readonly ComparedMeasure[], size: ChartSize, id: string): Markup => {
  const width = WIDTHS[size];
  const shown = measures.filter(({ ratio }) => Number.isFinite(ratio) && ratio > 0);
  const names = shown.map(({ experiment, measure }) => `${experiment}: ${measure.label}`);
  const longest = Math.max(0, ...names.map(textWidth));
  const isBeside = longest <= width * 0.4;
  const values = shown.map(
    ({ measure, before, after }) => `${figure(before)} → ${withUnit(after, measure.unit)}`,
  );
  const left = isBeside ? longest + 16 : 8;
  const right = width - (isBeside ? Math.max(0, ...values.map(textWidth)) + 28 : 46);
  const row = isBeside ? 22 : 36;
  const bottom = TOP + shown.length * row;
  const farthest = Math.max(
    1.25,
    ...shown.flatMap(({ ratio, interval }) =>
      [ratio, interval?.low || ratio, interval?.high ?? ratio]
        .filter(Number.isFinite)
        .map((edge) => Math.max(edge, 1 / edge)),
    ),
  );
  const domain: [number, number] = [0.98 / farthest, 1.02 * farthest];
  const x = pixelScale("log", domain, [left, right]);
  const ticks = {
    ticks: spaced(
      TICKS.filter((tick) => tick >= domain[0] && tick <= domain[1]),
      x.apply,
    ),
  };
  const middleOf = (i: number): number => TOP + (i + (isBeside ? 0.5 : 0.72)) * row;
  const plot = drawn({
    width,
    height: bottom + X_LABELS,
    marginTop: TOP,
    marginBottom: X_LABELS,
    marginLeft: left,
    marginRight: width - right,
    x: { type: "log", domain, range: [left, right] },
    y: { type: "identity", axis: null },
    marks: [
      rect([1], {
        x1: () => 1 - DIFFERENCE_LIMITS.share,
        x2: () => 1 + DIFFERENCE_LIMITS.share,
        fill: colour("grid"),
      }),
      gridX({ ...ticks, stroke: colour("grid"), strokeOpacity: 1 }),
      ruleX([1], { stroke: colour("muted") }),
      ...shown.flatMap(({ ratio, interval, change }, i) => {
        const y = () => middleOf(i);
        const { symbol, r } = LOOKS[change];
        const fill = colour(LOOKS[change].fill);
        const end = Math.min(interval?.high ?? ratio, domain[1]);
        return [
          ...(interval
            ? [
                ruleY([ratio], {
                  y,
                  x1: () => Math.max(interval.low, domain[0]),
                  x2: () => end,
                  stroke: fill,
                  strokeWidth: 2,
                }),
              ]
            : []),
          dot([ratio], { x: () => ratio, y, r, symbol, fill }),
          ...(isBeside
            ? [
                text([values[i] ?? ""], {
                  y,
                  frameAnchor: "right" as const,
                  dx: width - right - 8,
                  textAnchor: "end" as const,
                  fill: colour("muted"),
                }),
              ]
            : [text([factor(ratio)], { x: () => end, y, dx: 8, textAnchor: "start" as const, fill })]),
          text([fitted(names[i] ?? "", isBeside ? longest + 1 : width - 16)], {
            x: () => x.invert(left),
            y: () => (isBeside ? middleOf(i) : TOP + (i + 0.28) * row),
            dx: isBeside ? -9 : 0,
            textAnchor: isBeside ? "end" : "start",
            fill: colour("text"),
          }),
        ];
      }),
      axisX({
        ...ticks,
        text: factor,
        tickSize: 0,
        label: "now to the baseline",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 38,
      }),
    ],
  });
  const description = shown
    .map(({ ratio, change }, i) => `${names[i]}: ${factor(ratio)}, ${change}.`)
    .join(" ");
  return svgOf({ id, title: "Ratios to the baseline", description, width, height: bottom + X_LABELS }, [
    plot,
  ]);
};
