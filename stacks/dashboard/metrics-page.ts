import {
  METRIC_NAMESPACE,
  METRIC_SERVICE,
  METRICS,
  type MetricDeclaration,
} from "../../core/telemetry/metrics.ts";
import { metricOf } from "../alarm-metrics.ts";
import { causeAlarms, UNCALLED } from "../alarms.ts";
import { BURN_RATES, type Burn, burnName, OBJECTIVES, type Objective } from "../burn-rates.ts";
import { capacityAlarms } from "../capacity-alarms.ts";
import { LOG_BUFFER_MB } from "../sizes.ts";
import { PRICES } from "../synth/prices.ts";
import type { Names } from "./aws-rows.ts";
import { shopRows, storageRows } from "./board.ts";
import { NO_NAMES, showsMetric } from "./shown-metrics.ts";
import type { Row } from "./widgets.ts";

/** A stage that has everything that an alarm may watch. */
const WATCHED: Names = {
  ...NO_NAMES,
  door: { kind: "loadBalancer", loadBalancer: "", targetGroup: "", cluster: "", service: "", mostTasks: 0 },
  redisNodes: [""],
  canary: "",
};

/** `Shop: Orders funnel` for each graph that shows the metric. */
const placesOf = (name: string): string[] => {
  const inBoard = (board: string, rows: readonly Row[]): string[] =>
    rows
      .flatMap(({ graphs }) => graphs)
      .filter((graph) => showsMetric(graph, name))
      .map(({ title }) => `${board}: ${title}`);
  return [...inBoard("Shop", shopRows(NO_NAMES)), ...inBoard("Storage", storageRows(NO_NAMES))];
};

const row = ([name, { unit, kind, dimension, meaning }]: [string, MetricDeclaration]): string =>
  `| \`${name}\` | ${unit} | ${kind} | ${["`service`", ...(dimension ? [`\`${dimension}\``] : [])].join(", ")} | ${meaning} | ${placesOf(name).join("; ")} |`;

/** Of twelve reads in a run of `npm start`, the first from DynamoDB; `core/telemetry/emf.test.ts` holds the recorder to it. */
const EMF_LINE =
  '{"_aws":{"Timestamp":1795694970973,"CloudWatchMetrics":[{"Namespace":"Stampede","Dimensions":[[' +
  '"service","route"]],"Metrics":[{"Name":"Requests","Unit":"Count"},{"Name":"Latency",' +
  '"Unit":"Milliseconds"}]}]},"service":"shop","route":"GET /products/{productId}","Requests":12,' +
  '"Latency":{"Values":[0.17,0.205078,0.216797,0.220703,0.224609,0.232422,0.261719,0.292969,' +
  '0.300781,0.648438,89.251],"Counts":[1,1,1,1,1,2,1,1,1,1,1],"Min":0.17,"Max":89.251,"Count":12,' +
  '"Sum":92.259}}';

const alarmRow = (name: string, metric: string, statistic: string): string =>
  `| [${name}](runbooks/${name}.md) | ${metric} | ${statistic} |`;

/** Each alarm with the metric that it looks at. */
const alarmRows = (): string[] => [
  ...(Object.keys(OBJECTIVES) as Objective[]).flatMap((objective) =>
    (Object.keys(BURN_RATES) as Burn[]).map((burn) =>
      alarmRow(
        burnName(objective, burn),
        "the load balancer's or the API's own",
        objective === "latency" ? "share within half a second" : "share of errors",
      ),
    ),
  ),
  ...[...causeAlarms(WATCHED), ...capacityAlarms(WATCHED)].map((alarm) => {
    const [line = {}] = "lines" in alarm ? alarm.lines.of : [alarm.line];
    const { namespace, metricName, statistic, extendedStatistic } = metricOf(line);
    const metric =
      namespace === METRIC_NAMESPACE ? `\`${metricName}\`` : `\`${namespace}\` \`${metricName}\``;
    return alarmRow(alarm.name, metric, statistic ?? extendedStatistic ?? "");
  }),
  alarmRow(UNCALLED.name, "`OrdersConfirmed`; `AWS/Lambda` `Invocations`", "Sum"),
];

/** The page about the metrics, from their declaration, the dashboards and the alarms. */
export const metricsPage = (): string => `# Metrics

Made by \`npm run docs:generate\` from \`core/telemetry/metrics.ts\`, \`stacks/dashboard/\` and \`stacks/alarms.ts\`; a test holds it to them.

Every process writes its metrics as [EMF](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html)
lines to standard output, and CloudWatch makes metrics of them: no agent, no call. Namespace \`${METRIC_NAMESPACE}/<stage>\`
(on one's own machine \`${METRIC_NAMESPACE}\`), dimension \`service\` always \`${METRIC_SERVICE}\`, published every \`METRICS_INTERVAL_MS\` and at
the end; by functions at the end of each call. Log lines share standard output: [Logs](logs.md).

A task never waits for its log: lines wait in a buffer of ${LOG_BUFFER_MB} MB while CloudWatch is away, and when that is full they are
dropped, metrics included (ECS's \`awslogs\` driver, mode \`non-blocking\`). So a gap in the metrics is not an hour without
requests. The load balancer's own metrics, which the burn rates watch, are not affected.

- A **sum** is exact: use the statistic Sum.
- A **distribution** counts every value in buckets of a fixed relative width, 32 to a power of two. Each percentile is within
  1.6 % of the exact one; minimum, maximum, SampleCount and Sum are exact. Values weigh by how often they occurred, so
  percentiles over many tasks and intervals are those of all their requests.
- A **gauge** is a state, looked at when it changes or at each publication: use Minimum, Average or Maximum.

## An EMF line

\`\`\`json
${EMF_LINE}
\`\`\`

\`Values\` are the buckets' middles, with the least and the greatest value as they are, and \`Counts\` says how often each occurred. A line
takes 100 of them; a distribution with more goes on further lines, which CloudWatch adds up. One value alone is written as a number.

The specification of EMF names numbers and lists of numbers, without weights. \`Values\` with \`Counts\` is what AWS's own exporters write
([awsemfexporter](https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/awsemfexporter) in the CloudWatch agent,
[aws-otel-js-instrumentation](https://github.com/aws-observability/aws-otel-js-instrumentation) on standard output), after the parameters of
[MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html). Powertools writes the line, and knows no weights: they are put in
([decision 9](decisions/0009-metrics-of-a-long-lived-process.md)). If CloudWatch ever refused a line, \`EMFValidationErrors\` in the namespace \`AWS/Logs\` would
count it.

## Resolution, retention and price

| | |
| --- | --- |
| Resolution | one minute (\`StorageResolution\` 60), from lines every 30 s; at home every 10 s |
| Retention | minutes for 15 days, five minutes for 63 days, hours for 455 days; the lines as long as the log group |
| Metrics | $${PRICES.customMetricMonth} a month for each combination of name and dimension values that was published in it, by the hour |
| Lines | $${PRICES.logGb} a GB; a line has 0.3 KB and 10 to 14 bytes a value |

Prices are list prices of ${PRICES.region}, noted in ${PRICES.noted}; \`npm run synth\` adds them up.

## Queries

In CloudWatch's metrics, under "Source" or "Query", with \`production\` as the stage:

\`\`\`sql
SELECT SUM(Requests) FROM SCHEMA("${METRIC_NAMESPACE}/production", route, service) GROUP BY route ORDER BY SUM() DESC
SELECT MAX(Latency) FROM SCHEMA("${METRIC_NAMESPACE}/production", route, service) GROUP BY route ORDER BY MAX() DESC
\`\`\`

As metric math:

\`\`\`
SEARCH('{"${METRIC_NAMESPACE}/production",route,service} MetricName="Latency"', 'p99', 60)
SEARCH('{"${METRIC_NAMESPACE}/production",operation,service} MetricName="DynamoDBLatency"', 'PR(:20)', 60)
100 * SUM(SEARCH('{"${METRIC_NAMESPACE}/production",route,service} MetricName="ServerErrors"', 'Sum', 60)) / SUM(SEARCH('{"${METRIC_NAMESPACE}/production",route,service} MetricName="Requests"', 'Sum', 60))
\`\`\`

In Logs Insights, on the log group of the tasks, where every interval of every task can be told apart:

\`\`\`
filter ispresent(Latency.Count) | stats sum(Latency.Count), max(Latency.Max), sum(Latency.Sum) / sum(Latency.Count) by route, bin(1m)
\`\`\`

## Prometheus and Grafana

With \`PROMETHEUS=on\` (as \`npm start\` has it) \`GET /metrics\` has the same metrics for a scraper: OpenMetrics 1.0 where \`Accept\` names it, else
the older text. \`Latency\` is \`stampede_latency_seconds\` there, \`Requests\` \`stampede_requests_total\`. Times are in seconds; a distribution is a
histogram with two buckets to a power of two: \`histogram_quantile\` knows the bucket and guesses within it, unlike CloudWatch's percentiles.

\`\`\`yaml
scrape_configs:
  - job_name: stampede
    static_configs: [{ targets: ["localhost:8080"] }]
    # With AUTH=jwt: a token of an administrator, or the key of a machine as X-API-Key.
    authorization: { credentials_file: token }
\`\`\`

Each process answers for itself, so a scraper has to reach the tasks one by one, not through the load balancer; deployments have it off.
[reference/grafana-dashboard.json](reference/grafana-dashboard.json) is a dashboard of every metric below, to be imported into Grafana.

## Metrics

| Metric | Unit | Kind | Dimensions | Meaning | Shown in |
| --- | --- | --- | --- | --- | --- |
${(Object.entries(METRICS) as [string, MetricDeclaration][]).map(row).join("\n")}

Dimension values: \`route\` is a route's method and path, such as \`GET /products/{productId}\`, or \`$default\` where none
matched; \`operation\` DynamoDB's own name of it, or of a payment call \`charge\`, \`cancel\`, \`refund\` or \`refunded\` (what has been
given back); \`tier\` \`memory\`, \`redis\` (or \`process\` where there is none) and, for
latencies, \`dynamodb\`; \`dependency\` \`dynamodb\`, \`redis\` or \`payment\`.

## Alarms

Each name leads to its runbook, which states the condition.

| Alarm | Metric | Statistic |
| --- | --- | --- |
${alarmRows().join("\n")}
`;
