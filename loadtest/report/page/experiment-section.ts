import { chartSize, drawChart } from "../charts/chart.ts";
import type { ChartSize } from "../charts/svg.ts";
import { csvFileOf } from "../csv-files.ts";
import { capital, counted, duration, range, withUnit } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import type { Chart, ExperimentResult } from "../run-result.ts";
import { intervalColumn, median, medianInterval } from "../statistics.ts";
import { factTable, scrollTable } from "./page-table.ts";

export const experimentSection = (result: ExperimentResult): Markup => {
  const { name, title, warnings, charts, tables } = result;
  return html`<section class="experiment" id="${name}" aria-labelledby="${name}-title">
<h2 id="${name}-title">${title}</h2>
<p class="stamp">${stampOf(result)}</p>
${verdictList(result)}
${
  warnings.length > 0 &&
  html`<aside class="warnings"><h3>What limits these figures</h3><ul>${warnings.map(
    (warning) => html`<li>${warning}</li>`,
  )}</ul></aside>`
}
<div class="charts">${sizesOf(charts).map((size, i) => charts[i] && chartFigure(result, charts[i], size))}</div>
${measureTable(result)}
${tables.map((table) => scrollTable(table.title, table.columns, table.rows))}
${limitsOf(result)}
${method(result)}
${rawFiles(result)}
</section>`;
};

const stampOf = ({ seconds, isQuick, isComplete }: ExperimentResult): Markup =>
  html`${isQuick ? "Quick run" : "Full run"} of ${duration(seconds)}${!isComplete && html` · <strong class="incomplete">not completed</strong>`}`;

const verdictList = ({ verdicts }: ExperimentResult): Markup | false =>
  verdicts.length > 0 &&
  html`<ul class="verdicts">${verdicts.map(
    ({
      name,
      isOk,
      detail,
    }) => html`<li class="${isOk ? "ok" : "violated"}"><span class="mark" aria-hidden="true">${isOk ? "✓" : "✗"}</span>
<div><strong>${name}: ${isOk ? "holds" : "violated"}</strong><p>${detail}</p></div></li>`,
  )}</ul>`;

/** Half as wide as the page where a chart can be and has a neighbour. */
const sizesOf = (charts: readonly Chart[]): ChartSize[] => {
  const sizes: ChartSize[] = [];
  while (sizes.length < charts.length) {
    const pair = charts.slice(sizes.length, sizes.length + 2);
    const isPair = pair.length === 2 && pair.every((chart) => chartSize(chart) === "half");
    sizes.push(...(isPair ? (["half", "half"] as const) : (["full"] as const)));
  }
  return sizes;
};

/** Drawn twice, for a desk and for a phone: text that scales with the drawing could be read on one of them only. */
const chartFigure = ({ name, measures }: ExperimentResult, chart: Chart, size: ChartSize): Markup => {
  const id = `${name}-${chart.id}`;
  const hasSpread = chart.series.some(({ points }) => points.some(({ low }) => low !== undefined));
  const { title } = intervalColumn(measures.map(({ samples }) => samples.length));
  const spread = hasSpread && ` Around each median: the ${title} of the repeats.`;
  return html`<figure class="chart ${size}" id="${id}" aria-labelledby="${id}-title">
<figcaption><h3 id="${id}-title">${chart.title}</h3><p>${chart.caption}${spread}</p></figcaption>
<div class="desk">${drawChart(chart, size, `${id}-desk`)}</div>
<div class="phone">${drawChart(chart, "small", `${id}-phone`)}</div>
</figure>`;
};

const measureTable = ({ measures }: ExperimentResult): Markup | false => {
  const spread = intervalColumn(measures.map(({ samples }) => samples.length));
  return (
    measures.length > 0 &&
    scrollTable(
      "Measures",
      ["Measure", "Median", capital(spread.title), "Repeats"],
      measures.map(({ label, unit, samples }) => [
        label,
        withUnit(median(samples), unit),
        spread.cell(range(medianInterval(samples)), samples.length),
        samples.length,
      ]),
    )
  );
};

const limitsOf = ({ limits }: ExperimentResult): Markup | undefined =>
  limits &&
  html`<h3>DynamoDB's limits</h3>
<ul>${limits.sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
${limits.tables.map((table) => scrollTable(table.title, table.columns, table.rows))}`;

const method = ({ method, settings }: ExperimentResult): Markup => html`<details>
<summary>How it was measured</summary>
<ol>${method.map((step) => html`<li>${step}</li>`)}</ol>
<p class="note">Medians of the repeats; intervals are 95 % percentile bootstrap intervals of the median. With fewer than six
repeats that is their whole range, and called so: of two it holds the true median half the time, of three three times in
four, of five in 94 of 100.</p>
${factTable(
  "Settings",
  Object.entries(settings).map(([name, value]) => [name, String(value)]),
)}
</details>`;

const rawFiles = ({ name, raw }: ExperimentResult): Markup | false => {
  const files = Object.entries(raw);
  return (
    files.length > 0 &&
    html`<p class="files">Raw data: ${files.map(([file, rows], i) => {
      const path = csvFileOf(name, file);
      return html`${i > 0 && ", "}<a href="${encodeURIComponent(path)}">${path}</a> (${counted(rows.length, "row")})`;
    })}</p>`
  );
};
