import { figure } from "../format.ts";
import { html, type Markup } from "../markup.ts";

type Cell = string | number | Markup;

/** A table that scrolls inside its own box where it is wider than the page. */
export const scrollTable = (
  title: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): Markup => {
  const isFigure = columns.map((_, i) => rows.length > 0 && rows.every((row) => i > 0 && isNumeric(row[i])));
  const kind = (i: number): string => (isFigure[i] ? "figure" : "text");
  // Focusable, so that it can be scrolled by keys.
  return html`<div class="table" tabindex="0" role="region" aria-label="${title}"><table>
<caption>${title}</caption>
<thead><tr>${columns.map((column, i) => html`<th scope="col" class="${kind(i)}">${column}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell, i) =>
        i === 0
          ? html`<th scope="row" class="text">${shown(cell)}</th>`
          : html`<td class="${kind(i)}">${shown(cell)}</td>`,
      )}</tr>`,
  )}</tbody>
</table></div>`;
};

/** Names and what they stand for. */
export const factTable = (title: string, facts: readonly (readonly [string, Cell])[]): Markup | false =>
  facts.length > 0 &&
  html`<div class="table" tabindex="0" role="region" aria-label="${title}"><table class="facts">
<caption>${title}</caption>
<tbody>${facts.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${shown(value)}</td></tr>`)}</tbody>
</table></div>`;

const shown = (cell: Cell): string | Markup => (typeof cell === "number" ? figure(cell) : cell);

/** Numbers, and texts that begin as one, stand under one another at the right. */
const isNumeric = (cell: Cell | undefined): boolean =>
  typeof cell === "number" || (typeof cell === "string" && /^([−–×+-]?\d|[–-]$|∞)/.test(cell));
