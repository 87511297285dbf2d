import { html, type Markup } from "../markup.ts";
import type { Run } from "../result.ts";
import { factTable } from "./table.ts";

/** Where and with what it was measured, so that it can be measured again. */
export const environmentSection = ({
  environment,
}: Run): Markup => html`<section aria-labelledby="environment">
<h2 id="environment">Where it was measured</h2>
${factTable("Environment", [
  ["Command", html`<code>${environment.command}</code>`],
  ["Seed", String(environment.seed)],
  ["Commit", html`<code>${environment.commit}</code>${environment.isDirty && " with uncommitted changes"}`],
  ["Target", environment.target],
  ["Machine", environment.machine],
  ["Cores", String(environment.cores)],
  ["Memory", `${environment.memoryGb} GB`],
  ["Platform", environment.platform],
  ...Object.entries(environment.versions),
])}
<p class="files">All data: <a href="result.json">result.json</a>; in short: <a href="summary.md">summary.md</a></p>
</section>`;
