import { type PlotOptions, plot } from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { html, Markup } from "../markup.ts";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

export const FONT_SIZE = 12;

/** `full` is as wide as the page, `half` has a neighbour, `small` is for phones and thumbnails. */
export type ChartSize = "full" | "half" | "small";

export const WIDTHS: Readonly<Record<ChartSize, number>> = { full: 1000, half: 490, small: 340 };

/** Plot's drawing, without the `svg` element around it: fonts and colours come from the page's own style. */
export const drawn = (options: PlotOptions): Markup => {
  const svg = plot({ ...options, document, className: "plot" });
  svg.querySelector("style")?.remove();
  return new Markup(svg.innerHTML);
};

export interface Drawing {
  readonly id: string;
  readonly title: string;
  /** The drawing in words. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
}

export const svgOf = ({ id, title, description, width, height }: Drawing, parts: readonly Markup[]): Markup =>
  html`<svg class="plot" id="${id}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>
${parts}
</svg>`;

const WIDTHS_OF_CHARACTERS: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;|!'`()[\]]/, 0.31],
  [/[frt \-/]/, 0.38],
  [/[mwMW%@—]/, 0.9],
  [/[A-Z×]/, 0.68],
];

/** About how many pixels a text takes in a wide font: there is none to measure with. */
export const textWidth = (text: string): number =>
  [...text].reduce(
    (sum, char) => sum + FONT_SIZE * (WIDTHS_OF_CHARACTERS.find(([chars]) => chars.test(char))?.[1] ?? 0.61),
    0,
  );

/** The text, cut to a width in pixels. */
export const fitted = (text: string, width: number): string => {
  if (textWidth(text) <= width) return text;
  let end = text.length;
  while (end > 1 && textWidth(`${text.slice(0, end)}…`) > width) end--;
  return `${text.slice(0, end).trimEnd()}…`;
};
