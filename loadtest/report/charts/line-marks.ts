import { areaY, dot, lineY, type Markish, text } from "@observablehq/plot";
import { seriesColour, seriesTextColour } from "../palette.ts";
import type { PixelScale } from "./axes.ts";
import { spreadApart } from "./labels.ts";
import { lookOf } from "./look.ts";

/** `y` is NaN where nothing was measured: the line has a gap there. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

const LABEL_GAP = 15;

/** A line with its points and the ribbon of their intervals. Symbols only where they don't cover the line. */
export const lineMarks = (
  points: readonly Point[],
  i: number,
  hasSymbols: boolean,
  isAlone: boolean,
): Markish[] => {
  const stroke = seriesColour(i);
  const { symbol, dash } = lookOf(i);
  const hasInterval = points.some(({ low, high }) => high > low);
  return [
    ...(hasInterval
      ? [areaY(points, { x: "x", y1: "low", y2: "high", fill: stroke, fillOpacity: 0.16 })]
      : []),
    lineY(points, {
      x: "x",
      y: "y",
      stroke,
      strokeWidth: hasSymbols ? 2 : 1.75,
      strokeLinejoin: "round",
      // Where there are symbols, they tell the lines apart; a dashed line would only be harder to follow.
      ...(!hasSymbols && !isAlone && dash && { strokeDasharray: dash }),
    }),
    ...(hasSymbols
      ? [dot(points, { x: "x", y: "y", symbol, fill: stroke, r: 3.5 })]
      : loneDots(points, stroke)),
  ];
};

/** A point between two gaps has no line to show it. */
const loneDots = (points: readonly Point[], fill: string): Markish[] => {
  const lone = points.filter(
    (_, i) => Number.isNaN(points[i - 1]?.y ?? Number.NaN) && Number.isNaN(points[i + 1]?.y ?? Number.NaN),
  );
  return lone.length > 0 ? [dot(lone, { x: "x", y: "y", fill, r: 2 })] : [];
};

/** Farther from its line's end than this, a name could be that of any. */
const FARTHEST = 24;

/** Where the lines' names stand at their right ends, moved apart where the ends are close; none if too close. */
export const namePlaces = (
  lines: readonly (readonly Point[])[],
  pixels: PixelScale,
  [top, bottom]: readonly [number, number],
): readonly number[] | undefined => {
  const ends = lines.map((points) => points.findLast(({ y }) => !Number.isNaN(y)));
  const wanted = ends.map((end) => (end ? pixels.apply(end.y) : bottom));
  const places = spreadApart(wanted, LABEL_GAP, top, bottom);
  return places.every((place, i) => Math.abs(place - (wanted[i] ?? 0)) <= FARTHEST) ? places : undefined;
};

export const nameMarks = (
  names: readonly string[],
  places: readonly number[],
  pixels: PixelScale,
): Markish[] =>
  names.map((name, i) =>
    text([name], {
      y: () => pixels.invert(places[i] ?? 0),
      frameAnchor: "right",
      textAnchor: "start",
      dx: 9,
      fill: seriesTextColour(i),
      fontWeight: 600,
    }),
  );
