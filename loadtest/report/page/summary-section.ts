import { drawChart } from "../charts/chart.ts";
import { html, type Markup } from "../markup.ts";
import type { Chart, ExperimentResult, Run } from "../run-result.ts";

type Answer = ExperimentResult["summary"][number];

/** Answers that one chart shows. */
interface Finding {
  readonly chart: Chart | undefined;
  readonly answers: Answer[];
}

/** Question, large figure, sentence and plot: what a person reads in a minute. The rest folds. */
export const summarySection = ({
  results,
}: Run): Markup => html`<section class="summary" aria-labelledby="summary">
<h2 id="summary">In a minute</h2>
${results.filter(({ summary }) => summary.length > 0).map(card)}
</section>`;

const card = (result: ExperimentResult): Markup => html`<article class="card">
<h3><a href="#${result.name}">${result.title}</a></h3>
${findingsOf(result).map(
  ({ chart, answers }) => html`<div class="finding">
<dl>${answers.map(answerOf)}</dl>
${chart && thumbnail(result, chart)}
</div>`,
)}
</article>`;

const answerOf = ({ question, figure, answer, detail }: Answer): Markup => html`<dt>${question}</dt>
<dd>${figure !== undefined && html`<strong class="large">${figure}</strong>`}<p class="sentence">${answer}</p>${
  detail !== undefined &&
  html`<details class="fold"><summary>More figures</summary><p>${detail}</p></details>`
}</dd>`;

/** An answer without a chart of its own stands with the one before. */
const findingsOf = ({ summary, charts }: ExperimentResult): Finding[] => {
  const findings: Finding[] = [];
  for (const answer of summary) {
    const chart = charts.find(({ id }) => id === answer.chart);
    const known = chart ? findings.find((finding) => finding.chart === chart) : findings.at(-1);
    if (known) known.answers.push(answer);
    else findings.push({ chart, answers: [answer] });
  }
  return findings;
};

const thumbnail = ({ name }: ExperimentResult, chart: Chart): Markup => html`<figure class="thumbnail">
${drawChart(withoutCrowd(chart), "small", `summary-${name}-${chart.id}`)}
<figcaption><a href="#${name}-${chart.id}">${chart.title}</a></figcaption>
</figure>`;

/** Many markers' labels would be higher than the lines they explain. */
const withoutCrowd = (chart: Chart): Chart => (chart.markers.length > 2 ? { ...chart, markers: [] } : chart);
