/** `npm run docs:generate`: the pages that are made from code. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { grafanaDashboard } from "../dashboard/grafana.ts";
import { metricsPage } from "../dashboard/metrics-page.ts";
import { commandsPage } from "./commands-page.ts";
import { lambdaPage } from "./lambda-page.ts";

const docs = join(import.meta.dirname, "../../docs");
writeFileSync(join(docs, "metrics.md"), metricsPage());
writeFileSync(
  join(docs, "reference/grafana-dashboard.json"),
  `${JSON.stringify(grafanaDashboard(), undefined, 2)}\n`,
);
writeFileSync(join(docs, "lambda.md"), lambdaPage());
writeFileSync(join(docs, "reference/commands.md"), commandsPage());
