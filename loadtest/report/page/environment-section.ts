import { isOwnShop } from "../judgement.ts";
import { html, type Markup } from "../markup.ts";
import type { Run } from "../run-result.ts";
import { factTable } from "./page-table.ts";

/** Where and with what it was measured, so that it can be measured again. */
export const environmentSection = ({ environment }: Run): Markup => {
  const named = (fact: string): string =>
    isOwnShop(environment) ? fact : `Load generator: ${fact.toLowerCase()}`;
  return html`<section aria-labelledby="environment">
<h2 id="environment">Where it was measured</h2>
${factTable("Environment", [
  ["Command", html`<code>${environment.command}</code>`],
  ["Seed", String(environment.seed)],
  ["Target", environment.target],
  [
    named("Commit"),
    html`<code>${environment.commit}</code>${environment.isDirty && " with uncommitted changes"}`,
  ],
  [named("Machine"), environment.machine],
  [named("Cores"), String(environment.cores)],
  [named("Memory"), `${environment.memoryGb} GB`],
  [named("Platform"), environment.platform],
  ...Object.entries(environment.versions),
])}
<p class="files">All data: <a href="result.json">result.json</a>; in short: <a href="summary.md">summary.md</a></p>
</section>`;
};
