import { type Markish, rect, text } from "@observablehq/plot";
import { html, type Markup } from "../markup.ts";
import { colour } from "../palette.ts";
import type { Chart } from "../run-result.ts";
import type { PixelScale } from "./axes.ts";
import { stateLook, stateName } from "./look.ts";
import { fitted, textWidth } from "./svg.ts";

const ROW = 24;
const GAP = 5;

/** Where a drawing's values lie in pixels. */
export interface Pixels {
  readonly x: PixelScale;
  readonly y: PixelScale;
}

export const bandsHeight = ({ bands }: Chart): number => {
  const rows = new Set(bands.map(({ row }) => row)).size;
  return rows === 0 ? 0 : rows * (ROW + GAP) + GAP;
};

/** Rows of stretches below a chart's lines, each with its state's colour, pattern and name. */
export const bandMarks = (
  { bands }: Chart,
  pixels: Pixels,
  top: number,
  left: number,
  id: string,
): Markish[] => {
  const rows = [...new Set(bands.map(({ row }) => row))];
  const topOf = (row: string): number => top + GAP + rows.indexOf(row) * (ROW + GAP);
  const valueAt = (pixel: number) => () => pixels.y.invert(pixel);
  return [
    ...bands.map(({ row, from, to, state }) => {
      const { fill, isHatched } = stateLook(state);
      return rect([state], {
        x1: () => from,
        x2: () => to,
        y1: valueAt(topOf(row) + ROW),
        y2: valueAt(topOf(row)),
        fill: isHatched ? `url(#${hatchId(id)})` : colour(fill),
        rx: 3,
        insetLeft: 0.5,
        insetRight: 0.5,
      });
    }),
    ...bands
      .filter(({ from, to, state }) => textWidth(state) + 8 <= pixels.x.apply(to) - pixels.x.apply(from))
      .map(({ row, from, to, state }) => {
        const look = stateLook(state);
        return text([stateName(state)], {
          x: () => (from + to) / 2,
          y: valueAt(topOf(row) + ROW / 2),
          fill: colour(look.text),
          // On hatching, letters stand on a ground of their own.
          ...(look.isHatched && { stroke: colour(look.fill), strokeWidth: 6 }),
        });
      }),
    ...rows.map((row) =>
      text([fitted(row, left - 14)], {
        x: () => pixels.x.invert(left),
        y: valueAt(topOf(row) + ROW / 2),
        textAnchor: "end",
        dx: -10,
        fill: colour("text"),
      }),
    ),
  ];
};

const hatchId = (id: string): string => `${id}-hatch`;

/** The pattern that hatched stretches are filled with. */
export const hatching = (id: string): Markup =>
  html`<defs><pattern id="${hatchId(id)}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="7" height="7" fill="${colour("between")}"/><rect width="2" height="7" fill="${colour("panel")}"/></pattern></defs>`;
