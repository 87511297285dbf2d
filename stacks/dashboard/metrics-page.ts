import {
  METRIC_NAMESPACE,
  METRIC_SERVICE,
  METRICS,
  type MetricDeclaration,
} from "../../core/telemetry/metrics.ts";
import { LOG_BUFFER_MB } from "../sizes.ts";
import type { Names } from "./aws-rows.ts";
import { shopRows, storageRows } from "./board.ts";
import type { Row } from "./widgets.ts";

const NAMES: Names = {
  region: "",
  namespace: METRIC_NAMESPACE,
  door: { kind: "httpApi", api: "" },
  tables: [],
  redisNodes: [],
  isRedisBurstable: false,
  fulfilment: "",
  recovery: "",
  failures: "",
};

/** `Shop: Orders funnel` for each graph that shows the metric. */
const placesOf = (name: string): string[] => {
  const inBoard = (board: string, rows: readonly Row[]): string[] =>
    rows
      .flatMap(({ graphs }) => graphs)
      .filter(({ lines }) =>
        lines.some(
          ({ metric: [namespace, shown] = [], expression }) =>
            (namespace === METRIC_NAMESPACE && shown === name) ||
            expression?.includes(`MetricName="${name}"`),
        ),
      )
      .map(({ title }) => `${board}: ${title}`);
  return [...inBoard("Shop", shopRows(NAMES)), ...inBoard("Storage", storageRows(NAMES))];
};

const row = ([name, { unit, kind, dimension, meaning }]: [string, MetricDeclaration]): string =>
  `| \`${name}\` | ${unit} | ${kind} | ${["`service`", ...(dimension ? [`\`${dimension}\``] : [])].join(", ")} | ${meaning} | ${placesOf(name).join("; ")} |`;

/** The page about the metrics, from their declaration and the dashboards. */
export const metricsPage = (): string => `# Metrics

Made by \`npm run docs:generate\` from \`core/telemetry/metrics.ts\` and \`stacks/dashboard/\`; a test holds it to them.

Every process writes its metrics as [EMF](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html)
lines to standard output, and CloudWatch makes metrics of them: no agent, no call. Namespace \`${METRIC_NAMESPACE}/<stage>\`
(on one's own machine \`${METRIC_NAMESPACE}\`), dimension \`service\` always \`${METRIC_SERVICE}\`, published every \`METRICS_INTERVAL_MS\` and at
the end; by functions at the end of each call. Log lines share standard output: [Logs](logs.md).

A task never waits for its log: lines wait in a buffer of ${LOG_BUFFER_MB} MB while CloudWatch is away, and when that is full they are
dropped, metrics included (ECS's \`awslogs\` driver, mode \`non-blocking\`). So a gap in the metrics is not an hour without
requests. The load balancer's own metrics, which the burn rates watch, are not affected.

- A **sum** is exact: use the statistic Sum.
- A **distribution** is a uniform sample of at most 99 values an interval and process: percentiles, minimum, average and
  maximum say something; its Sum and SampleCount do not. Count by the sum metrics.

| Metric | Unit | Kind | Dimensions | Meaning | Shown in |
| --- | --- | --- | --- | --- | --- |
${(Object.entries(METRICS) as [string, MetricDeclaration][]).map(row).join("\n")}

Dimension values: \`route\` is a route's method and path, such as \`GET /products/{productId}\`, or \`$default\` where none
matched; \`operation\` DynamoDB's own name of it; \`tier\` \`memory\`, \`redis\` (or \`process\` where there is none) and, for
latencies, \`dynamodb\`; \`dependency\` \`dynamodb\`, \`redis\` or \`payment\`.
`;
