import { html, Markup } from "../markup.ts";
import { colour, seriesColour } from "../palette.ts";
import { lookOf, stateLook, stateName } from "./look.ts";

/** The meaning of the marks of a chart, where no label in the drawing says so. */
export interface Legend {
  readonly series: readonly string[];
  readonly keys: "symbols" | "dashes" | "dots" | "bars";
  readonly states: readonly string[];
}

/** The symbols as Plot draws them, about (14, 6). */
const SYMBOLS: Readonly<Record<string, string>> = {
  circle: '<circle cx="14" cy="6" r="3.5"/>',
  square: '<rect x="10.9" y="2.9" width="6.2" height="6.2"/>',
  triangle: '<path d="M14 1.4l4.4 7.6h-8.8z"/>',
  diamond: '<path d="M14 1l2.9 5-2.9 5-2.9-5z"/>',
  cross: '<path d="M12.6 1.9h2.8v2.7h2.7v2.8h-2.7v2.7h-2.8v-2.7h-2.7v-2.8h2.7z"/>',
  star: '<path d="M14 1l1.3 3.6 3.8.1-3 2.3 1.1 3.7-3.2-2.2-3.2 2.2 1.1-3.7-3-2.3 3.8-.1z"/>',
};

/** The drawing's description names everything too, so a reader of the page by ear is spared the list. */
export const legendOf = ({ series, keys, states }: Legend): Markup | false =>
  series.length + states.length > 0 &&
  html`<ul class="legend" aria-hidden="true">${series.map(
    (name, i) => html`<li>${keyOf(keys, i)}${name}</li>`,
  )}${states.map((state) => html`<li>${stateKey(state)}${stateName(state)}</li>`)}</ul>`;

const keyOf = (keys: Legend["keys"], i: number): Markup => {
  const { dash, symbol } = lookOf(i);
  const hasLine = keys === "symbols" || keys === "dashes";
  const width = keys === "bars" ? 12 : 28;
  return html`<svg width="${width}" height="12" color="${seriesColour(i)}" fill="currentColor">
${keys === "bars" && new Markup('<rect width="12" height="12" rx="2"/>')}
${hasLine && html`<path d="M0 6H28" stroke="currentColor" stroke-width="2"${keys === "dashes" && dash ? html` stroke-dasharray="${dash}"` : ""}/>`}
${(keys === "symbols" || keys === "dots") && new Markup(SYMBOLS[symbol] ?? "")}</svg>`;
};

const stateKey = (state: string): Markup => {
  const { fill, isHatched } = stateLook(state);
  const stripes = '<path d="M-2 8L8-2M2 14L14 2" stroke="var(--panel)" stroke-width="2"/>';
  return html`<svg width="18" height="12"><rect width="18" height="12" rx="2" fill="${colour(fill)}"/>${isHatched && new Markup(stripes)}</svg>`;
};
