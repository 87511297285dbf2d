import { createHash } from "node:crypto";
import type { EndedSpan, TraceStore } from "../../../core/tracing/trace-store.ts";
import { duration, escaped, rowsOf, waterfall } from "./waterfall.ts";

/** In the console's colours. */
const STYLE = `
:root { color-scheme: light dark; --text: light-dark(#1d2129, #e6e8ec); --muted: light-dark(#5b6270, #9aa3b2);
  --line: light-dark(#e2e0da, #2b313c); --bad: light-dark(#a83d00, #ff9a5c); }
body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: var(--text); background: light-dark(#f7f6f3, #101318);
  font: 15px/1.5 ui-sans-serif, system-ui, sans-serif; }
a { color: light-dark(#00629b, #6cbcf0); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .35rem .6rem; text-align: left; border-bottom: 1px solid var(--line); }
th { color: var(--muted); font-weight: 500; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.failure { color: var(--bad); }
svg { width: 100%; height: auto; font-size: 12px; }
text { fill: var(--text); } .ms { fill: var(--muted); }
.server { fill: light-dark(#0072b2, #56b4e9); } .client { fill: light-dark(#d55e00, #f2853f); }
.consumer { fill: light-dark(#009e73, #0aa67b); } .internal { fill: light-dark(#b8568f, #f0b4d6); }
rect.failed { fill: var(--bad); stroke: var(--text); }
`;

/** Nothing is loaded and nothing is run; the one style is known by its hash. */
export const POLICY =
  `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;

const totalMs = (spans: readonly EndedSpan[]): number =>
  Math.max(...spans.map(({ startedAt, ms }) => startedAt + ms)) -
  Math.min(...spans.map(({ startedAt }) => startedAt));

const rowOf = (traceId: string, spans: readonly EndedSpan[]): string => {
  const [first] = rowsOf(spans);
  const failures = spans.filter(({ failure }) => failure !== undefined).length;
  return `<tr><td><a href="traces/${traceId}">${escaped(first?.name ?? "")}</a></td>
<td>${new Date(first?.startedAt ?? 0).toISOString().slice(11, 23)}</td>
<td class="number">${duration(totalMs(spans))}</td><td class="number">${spans.length}</td>
<td class="failure">${failures === 0 ? "" : `${failures} failed`}</td></tr>`;
};

/** The last traces, the latest first. */
export const listPage = (store: TraceStore): string => {
  const rows = store.ids().map((id) => rowOf(id, store.trace(id) ?? []));
  const table = `<table>
<thead><tr><th>Trace</th><th>Began (UTC)</th><th class="number">Time</th><th class="number">Spans</th><th></th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
  return page(
    "Traces",
    `<h1>Traces</h1>
<p>The last traces of this process. Load the page again for newer ones.</p>
${rows.length === 0 ? "<p>None yet: send a request to the shop.</p>" : table}`,
  );
};

/** One trace as a waterfall. */
export const tracePage = (traceId: string, spans: readonly EndedSpan[]): string =>
  page(
    `Trace ${traceId}`,
    `<p><a href="../traces">All traces</a></p>
<h1>${escaped(rowsOf(spans)[0]?.name ?? "")}</h1>
<p><code>${traceId}</code>, ${spans.length} spans in ${duration(totalMs(spans))}. <a href="${traceId}.json">As JSON</a></p>
${waterfall(spans)}`,
  );
