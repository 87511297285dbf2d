import type { Deployment } from "./stages.ts";

/** A metric that a widget or an alarm asks for. */
export interface Use {
  readonly where: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string | undefined>>;
  readonly stat: string;
}

const SEARCH = /SEARCH\('\{"?([^",}]+)"?,([^}]+)\} MetricName="(\w+)" service="(\w+)"', '(\w+)', \d+\)/g;

/** `…` stands for every value of a dimension. */
export const searched = (where: string, expression: string): Use[] =>
  [...expression.matchAll(SEARCH)].map(([, namespace = "", keys = "", name = "", service, stat = ""]) => ({
    where,
    namespace,
    name,
    stat,
    dimensions: Object.fromEntries(keys.split(",").map((key) => [key, key === "service" ? service : "…"])),
  }));

type Entry = (string | Record<string, string>)[];

const usesOf = (where: string, entry: Entry): Use[] => {
  const options = entry.at(-1) as Record<string, string>;
  if (options.expression) return searched(where, options.expression);
  const [namespace, name, ...pairs] = entry.slice(0, -1) as string[];
  const dimensions: Record<string, string | undefined> = {};
  for (let index = 0; index < pairs.length; index += 2) dimensions[pairs[index] ?? ""] = pairs[index + 1];
  return [{ where, namespace: namespace ?? "", name: name ?? "", dimensions, stat: options.stat ?? "" }];
};

export interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: { readonly title: string; readonly metrics: Entry[]; readonly region: string };
}

const widgetsOf = (deployment: Deployment): Widget[] =>
  deployment
    .ofType("Dashboard")
    .flatMap(({ inputs }) => JSON.parse(inputs.dashboardBody).widgets as Widget[]);
export const graphsOf = (deployment: Deployment): Widget[] =>
  widgetsOf(deployment).filter(({ type }) => type === "metric");

export const widgetUses = (deployment: Deployment): Use[] =>
  graphsOf(deployment).flatMap(({ properties: { title, metrics } }) =>
    metrics.flatMap((entry) => usesOf(title, entry)),
  );

export const alarmUses = (deployment: Deployment): Use[] =>
  deployment.ofType("MetricAlarm").flatMap(({ name, inputs }) => {
    const { namespace, metricName, dimensions, statistic, extendedStatistic, metricQueries } = inputs;
    const stat = statistic ?? extendedStatistic;
    if (metricName) return [{ where: name, namespace, name: metricName, dimensions, stat }];
    return metricQueries.flatMap(
      ({ metric }: { metric?: { metricName: string } & Omit<Use, "where" | "name"> }) =>
        metric ? [{ where: name, ...metric, name: metric.metricName }] : [],
    );
  });

/** Every node of Redis, as ElastiCache names them. */
export const redisNodes = (deployment: Deployment): string[] => {
  const { numNodeGroups, numCacheClusters = 1 } = deployment.one("ReplicationGroup").inputs;
  if (numNodeGroups) {
    return ["0001-001", "0001-002", "0002-001", "0002-002"].map((node) => `cacheshardedcluster-${node}`);
  }
  return ["001", "002"].slice(0, numCacheClusters).map((node) => `cachecluster-${node}`);
};
