/** The report: one page that needs no network and no script. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Comparison } from "../compare-runs.ts";
import { capital, moment } from "../format.ts";
import { judgementOf, placeOf, titleOf } from "../judgement.ts";
import { html, Markup } from "../markup.ts";
import { paletteCss } from "../palette.ts";
import type { Run } from "../run-result.ts";
import { comparisonSection } from "./comparison-section.ts";
import { environmentSection } from "./environment-section.ts";
import { experimentSection } from "./experiment-section.ts";
import { summarySection } from "./summary-section.ts";

/** In the order in which later ones may overrule earlier ones. */
const STYLES = ["base", "header", "sections", "figures", "tables", "media"];

const style = (): string =>
  STYLES.map((name) => readFileSync(join(import.meta.dirname, `${name}.css`), "utf8")).join("\n");

/** The browser itself holds the page to what it promises, whatever stands in the data. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export const pageOf = (run: Run, comparison: Comparison | undefined): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<title>${titleOf(run)} · Stampede</title>
<style>${new Markup(paletteCss())}${new Markup(style())}</style>
</head>
<body>
${header(run)}
<main>
${summarySection(run)}
${comparison && comparisonSection(comparison)}
${run.results.map(experimentSection)}
${environmentSection(run)}
</main>
</body>
</html>
`.text;

/** As on the storefront and the console. */
const MARK = html`<svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true"><rect width="32" height="32" rx="8"/><path d="M6 9l6 7-6 7M13 9l6 7-6 7M20 9l6 7-6 7"/></svg>`;

const header = (run: Run): Markup => {
  const { environment, results } = run;
  const { isOk, isComplete, text } = judgementOf(run);
  const first = results[0];
  return html`<header>
<div class="bar">
<p class="brand">${MARK} Stampede</p>
<fieldset class="theme"><legend>Colours</legend>
${["system", "light", "dark"].map(
  (theme) =>
    html`<label><input type="radio" name="theme" id="theme-${theme}"${theme === "system" && new Markup(" checked")}><span>${theme}</span></label>`,
)}
</fieldset>
</div>
<h1>${titleOf(run)}</h1>
<p class="stamp">${first && moment(first.startedAt)} · ${placeOf(environment)}
· commit <code>${environment.commit.slice(0, 12)}</code>${environment.isDirty && " with uncommitted changes"}</p>
<p class="judgement ${isOk === null ? "unchecked" : isOk ? "ok" : "violated"}">${isOk !== null && mark(isOk)} ${text}${!isComplete && html`<span class="note">The run was not completed: this is what it had.</span>`}</p>
${
  results.length > 1 &&
  html`<nav aria-label="Experiments"><ul>${results.map(
    ({ name }) => html`<li><a href="#${name}">${capital(name)}</a></li>`,
  )}</ul></nav>`
}
</header>`;
};

const mark = (isOk: boolean): Markup =>
  html`<span class="mark" aria-hidden="true">${isOk ? "✓" : "✗"}</span>`;
