import { drawChart } from "../charts/chart.ts";
import { capital } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import type { Chart, ExperimentResult, Run } from "../result.ts";

/** Question, answer and the figure that shows it: what a person reads in a minute. */
export const summarySection = ({
  results,
}: Run): Markup => html`<section class="summary" aria-labelledby="summary">
<h2 id="summary">In a minute</h2>
<div class="cards">
${results.flatMap(cardsOf)}
</div>
</section>`;

const cardsOf = (result: ExperimentResult): Markup[] => {
  const shown = new Set<string>();
  return result.summary.map(({ question, answer, chart: id }) => {
    const chart = result.charts.find((chart) => chart.id === id);
    const isFirst = chart !== undefined && !shown.has(chart.id);
    if (chart) shown.add(chart.id);
    return html`<article class="card">
<p class="experiment"><a href="#${result.name}">${capital(result.name)}</a></p>
<h3>${question}</h3>
<p class="answer">${answer}</p>
${isFirst && thumbnail(result, chart)}
</article>`;
  });
};

const thumbnail = ({ name }: ExperimentResult, chart: Chart): Markup => html`<figure class="thumbnail">
${drawChart(withoutCrowd(chart), "small", `summary-${name}-${chart.id}`)}
<figcaption><a href="#${name}-${chart.id}">${chart.title}</a></figcaption>
</figure>`;

/** Many markers' labels would be higher than the lines they explain. */
const withoutCrowd = (chart: Chart): Chart => (chart.markers.length > 2 ? { ...chart, markers: [] } : chart);
