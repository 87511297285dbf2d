import { type Markish, ruleX, text } from "@observablehq/plot";
import { colour } from "../palette.ts";
import type { Chart } from "../run-result.ts";
import type { PixelScale } from "./axes.ts";
import { lanesOf } from "./labels.ts";
import { fitted, textWidth } from "./svg.ts";

const LANE = 17;

export interface Markers {
  readonly marks: readonly Markish[];
  /** Pixels above the frame that the labels need. */
  readonly height: number;
}

/** Vertical lines whose labels stand above the frame, in as many rows as keep them apart. */
export const markersOf = ({ markers }: Chart, pixels: PixelScale, width: number): Markers => {
  const labels = markers.map(({ x, label }) => {
    const shown = fitted(label, width * 0.6);
    const room = textWidth(shown) + 12;
    const pixel = pixels.apply(x);
    const isLeft = pixel + room > width;
    return { x, shown, isLeft, from: isLeft ? pixel - room : pixel, to: isLeft ? pixel : pixel + room };
  });
  const lanes = lanesOf(labels);
  const rows = Math.max(0, ...lanes.map((lane) => lane + 1));
  const above = (i: number): number => ((lanes[i] ?? 0) + 1) * LANE - 3;
  const rules = labels.map(({ x }, i) =>
    ruleX([x], { insetTop: 1 - above(i), stroke: colour("muted"), strokeDasharray: "3 3" }),
  );
  const texts = labels.map(({ x, shown, isLeft }, i) =>
    text([shown], {
      x: () => x,
      frameAnchor: "top",
      dx: isLeft ? -5 : 5,
      dy: -above(i),
      textAnchor: isLeft ? "end" : "start",
      fill: colour("text"),
      // Keeps the lines of other markers out of the letters.
      stroke: colour("panel"),
      strokeWidth: 5,
    }),
  );
  return { marks: [...rules, ...texts], height: rows * LANE };
};
