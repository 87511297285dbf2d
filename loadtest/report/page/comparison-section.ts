import { drawRatios } from "../charts/ratio-chart.ts";
import { type Change, COMPARISON_LIMITS, type Comparison, changeCounts } from "../compare-runs.ts";
import { capital, counted, factor, factorRange, moment, withUnit } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import { DIFFERENCE_LIMITS, intervalColumn } from "../statistics.ts";
import { scrollTable } from "./page-table.ts";

const MARKS: Readonly<Record<Change, string>> = {
  worse: "▲ worse",
  better: "★ better",
  changed: "◆ changed",
  same: "● within the noise",
  "too few repeats": "too few repeats to tell",
  "not comparable": "not comparable",
};

export const comparisonSection = (comparison: Comparison): Markup => {
  const spread = intervalColumn(comparison.measures.map(({ samples }) => samples));
  const { baseline, baselineStartedAt, measures, missing, added, conditions } = comparison;
  return html`<section class="comparison" aria-labelledby="comparison">
<h2 id="comparison">Against the baseline</h2>
<p class="stamp">Commit <code>${baseline.commit.slice(0, 12)}</code>${baselineStartedAt && ` of ${moment(baselineStartedAt)}`}</p>
<p class="answer">${summaryOf(comparison)}</p>
${
  conditions.length > 0 &&
  html`<aside class="warnings"><h3>Not the same conditions</h3><ul>${conditions.map(
    (condition) => html`<li>${condition}</li>`,
  )}</ul></aside>`
}
${
  measures.length > 0 &&
  html`<div class="ratios"><p class="key" aria-hidden="true">${(
    ["worse", "better", "changed", "same"] as const
  ).map((change) => html`<span class="change ${change}">${MARKS[change]}</span> `)}</p>
<div class="desk">${drawRatios(measures, "full", "ratios-desk")}</div>
<div class="phone">${drawRatios(measures, "small", "ratios-phone")}</div></div>`
}
<details><summary>All measures as a table</summary>
${scrollTable(
  "Measures against the baseline",
  ["Measure", "Baseline", "Now", "Ratio", capital(spread.title), "Verdict"],
  measures.map(({ experiment, measure, before, after, ratio, interval, samples, change }) => [
    `${experiment}: ${measure.label}`,
    withUnit(before, measure.unit),
    withUnit(after, measure.unit),
    factor(ratio),
    spread.cell(factorRange(interval), samples),
    html`<span class="change ${change.replaceAll(" ", "-")}">${MARKS[change]}</span>`,
  ]),
)}
</details>
${labelList("Only in the baseline", missing)}
${labelList("New", added)}
<p class="note">A measure differs when the 95 % bootstrap interval of the ratio of medians, which is its range with fewer
than six repeats, leaves out 1, the medians
are at least ${DIFFERENCE_LIMITS.share * 100} % apart (shares: ${DIFFERENCE_LIMITS.points * 100} point), and both sides have at least ${DIFFERENCE_LIMITS.repeats} repeats.
With three repeats, one unchanged measure in ten passes for different by chance; with five or more, one in twenty. ${COMPARISON_LIMITS}</p>
</section>`;
};

const summaryOf = (comparison: Comparison): string => {
  const { worse, better, changed, "too few repeats": few } = changeCounts(comparison);
  const all = counted(comparison.measures.length, "measure");
  const parts = [
    worse > 0 && `${worse} worse`,
    better > 0 && `${better} better`,
    changed > 0 && `${changed} changed`,
  ].filter((part) => part !== false);
  const different =
    parts.length > 0 ? `${parts.join(", ")} beyond the noise` : "none differs beyond the noise";
  return `Of ${all}, ${different}${few > 0 ? `; ${few} with too few repeats to tell` : ""}.`;
};

const labelList = (title: string, labels: readonly string[]): Markup | false =>
  labels.length > 0 && html`<h3>${title}</h3><ul>${labels.map((label) => html`<li>${label}</li>`)}</ul>`;
