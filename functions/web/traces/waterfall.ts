import type { EndedSpan } from "../../../core/tracing/trace-store.ts";

/** In pixels of the drawing, which scales with the page. */
const WIDTH = 1_000;
const ROW = 26;
const NAMES = 320;
const RIGHT = 90;

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

export const duration = (ms: number): string =>
  ms < 1
    ? `${Math.round(ms * 1_000)} µs`
    : ms < 1_000
      ? `${ms.toFixed(1)} ms`
      : `${(ms / 1_000).toFixed(2)} s`;

interface Row extends EndedSpan {
  readonly depth: number;
}

/** Each span under its parent. One whose parent is elsewhere, or not ended, stands by itself. */
export const rowsOf = (spans: readonly EndedSpan[]): Row[] => {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const under = Map.groupBy(spans, ({ parentId }) => (parentId && known.has(parentId) ? parentId : ""));
  const walk = (parent: string, depth: number): Row[] =>
    (under.get(parent) ?? []).flatMap((span) => [{ ...span, depth }, ...walk(span.spanId, depth + 1)]);
  return walk("", 0);
};

const titleOf = ({ name, failure, attributes }: EndedSpan): string =>
  [name, failure, ...Object.entries(attributes).map(([key, value]) => `${key}: ${value}`)]
    .filter((line) => line !== undefined)
    .join("\n");

/** A trace as a drawing: a row for each span, from its beginning to its end. */
export const waterfall = (spans: readonly EndedSpan[]): string => {
  const rows = rowsOf(spans);
  const start = Math.min(...rows.map(({ startedAt }) => startedAt));
  const total = Math.max(...rows.map(({ startedAt, ms }) => startedAt + ms)) - start || 1;
  const x = (at: number): number => NAMES + ((at - start) / total) * (WIDTH - NAMES - RIGHT);
  const bars = rows.map((row, index) => {
    const { depth, name, kind, startedAt, ms, failure } = row;
    const y = index * ROW;
    const from = x(startedAt);
    const width = Math.max(2, x(startedAt + ms) - from);
    const style = failure === undefined ? kind : "failed";
    return `<g><title>${escaped(titleOf(row))}</title>
<text x="${8 + depth * 14}" y="${y + 17}">${escaped(name)}</text>
<rect class="${style}" x="${from.toFixed(1)}" y="${y + 5}" width="${width.toFixed(1)}" height="${ROW - 10}" rx="3"/>
<text class="ms" x="${(from + width + 6).toFixed(1)}" y="${y + 17}">${duration(ms)}</text></g>`;
  });
  const height = rows.length * ROW;
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${rows.length} spans in ${duration(total)}">
${bars.join("\n")}
</svg>`;
};
