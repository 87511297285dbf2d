import { beforeAll, expect, test } from "vitest";
import { SERVICES } from "../core/resilience/services.ts";
import { METRIC_SERVICE, METRICS, type MetricDeclaration } from "../core/telemetry/metrics.ts";
import { BURN_RATES, burnThreshold } from "./burn-rates.ts";
import { DEPENDENCIES } from "./dashboard/shop-rows.ts";
import { DEPLOYED, type Deployment, type Resource, synthesized } from "./testing/stages.ts";

let deployments: Deployment[];
beforeAll(async () => {
  deployments = await Promise.all(DEPLOYED.map(synthesized));
});

/** A metric that a widget or an alarm asks for. */
interface Use {
  readonly where: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string | undefined>>;
  readonly stat: string;
}

const SEARCH = /SEARCH\('\{"?([^",}]+)"?,([^}]+)\} MetricName="(\w+)" service="(\w+)"', '(\w+)', \d+\)/g;

/** `…` stands for every value of a dimension. */
const searched = (where: string, expression: string): Use[] =>
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

interface Widget {
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
const graphsOf = (deployment: Deployment): Widget[] =>
  widgetsOf(deployment).filter(({ type }) => type === "metric");

const widgetUses = (deployment: Deployment): Use[] =>
  graphsOf(deployment).flatMap(({ properties: { title, metrics } }) =>
    metrics.flatMap((entry) => usesOf(title, entry)),
  );

const alarmUses = (deployment: Deployment): Use[] =>
  deployment.ofType("MetricAlarm").flatMap(({ name, inputs }) => {
    const { namespace, metricName, dimensions, statistic, extendedStatistic, metricQueries } = inputs;
    const stat = statistic ?? extendedStatistic;
    if (metricName) return [{ where: name, namespace, name: metricName, dimensions, stat }];
    return metricQueries.flatMap(
      ({ metric }: { metric?: { metricName: string } & Omit<Use, "where" | "name"> }) =>
        metric ? [{ where: name, ...metric, name: metric.metricName }] : [],
    );
  });

const DECLARED: Readonly<Record<string, MetricDeclaration>> = METRICS;

test("every metric of the shop that a widget or an alarm names is one that the code emits, with its dimensions", () => {
  for (const deployment of deployments) {
    const own = [...widgetUses(deployment), ...alarmUses(deployment)].filter(
      ({ namespace }) => !namespace.startsWith("AWS/"),
    );
    expect(own.length).toBeGreaterThan(40);
    const stage = deployment.all.find(({ parent }) => parent === "")?.name.replace("stampede-", "");
    for (const { where, namespace, name, dimensions, stat } of own) {
      const declaration = DECLARED[name];
      const keys = ["service", ...(declaration?.dimension ? [declaration.dimension] : [])];
      expect(namespace, where).toBe(`Stampede/${stage}`);
      expect(declaration, `${where}: ${name}`).toBeDefined();
      expect(Object.keys(dimensions).toSorted(), `${where}: ${name}`).toEqual(keys.toSorted());
      expect(dimensions.service).toBe(METRIC_SERVICE);
      if (declaration?.kind === "sum") expect(stat, `${where}: ${name}`).toBe("Sum");
      else expect(stat, `${where}: ${name}`).toMatch(/^(p\d\d|Minimum|Average|Maximum)$/);
    }
  }
});

test("no search was overlooked, and there is a widget for every metric that the code emits", () => {
  for (const deployment of deployments) {
    for (const { properties } of graphsOf(deployment)) {
      const text = JSON.stringify(properties);
      const searches = properties.metrics.flatMap((entry) =>
        searched("", (entry.at(-1) as Record<string, string>).expression ?? ""),
      );
      expect(searches.length, properties.title).toBe(text.split("SEARCH(").length - 1);
    }
    const shown = new Set(widgetUses(deployment).map(({ name }) => name));
    expect(Object.keys(METRICS).filter((name) => !shown.has(name))).toEqual([]);
  }
});

test("the values of dimensions that stand in widgets and alarms are the code's", () => {
  expect(DEPENDENCIES).toEqual(SERVICES);
});

/** Every node of Redis, as ElastiCache names them. */
const redisNodes = (deployment: Deployment): string[] => {
  const { numNodeGroups, numCacheClusters = 1 } = deployment.one("ReplicationGroup").inputs;
  if (numNodeGroups) {
    return ["0001-001", "0001-002", "0002-001", "0002-002"].map((node) => `cacheshardedcluster-${node}`);
  }
  return ["001", "002"].slice(0, numCacheClusters).map((node) => `cachecluster-${node}`);
};

/** Resources by the value of the dimension that names them. */
const DIMENSIONS: Readonly<Record<string, (deployment: Deployment) => (string | undefined)[]>> = {
  TableName: (deployment) => deployment.ofType("Table").map(({ inputs }) => inputs.name),
  GlobalSecondaryIndexName: (deployment) =>
    deployment
      .ofType("Table")
      .flatMap(({ inputs }) => inputs.globalSecondaryIndexes ?? [])
      .map(({ name }) => name),
  FunctionName: (deployment) => deployment.ofType("Function").map(({ inputs }) => inputs.name),
  QueueName: (deployment) => deployment.ofType("sqs/queue:Queue").map(({ inputs }) => inputs.name),
  CacheClusterId: redisNodes,
  ClusterName: (deployment) => deployment.ofType("ecs/cluster:Cluster").map(({ inputs }) => inputs.name),
  ServiceName: (deployment) => deployment.ofType("ecs/service:Service").map(({ inputs }) => inputs.name),
  LoadBalancer: () => ["app/ShopLoadBalancer/0123456789abcdef"],
  TargetGroup: () => ["targetgroup/ShopTargetShopHTTP8080/0123456789abcdef"],
  ApiId: () => ["ApiApi-id"],
};

test("metrics of AWS are asked for by the names of what is deployed", () => {
  for (const deployment of deployments) {
    for (const { where, namespace, name, dimensions } of [
      ...widgetUses(deployment),
      ...alarmUses(deployment),
    ]) {
      if (!namespace.startsWith("AWS/")) continue;
      expect(Object.keys(dimensions).length, `${where}: ${name}`).toBeGreaterThan(0);
      for (const [key, value] of Object.entries(dimensions)) {
        expect(DIMENSIONS[key]?.(deployment), `${where}: ${name}`).toContain(value);
      }
    }
  }
});

test("what tables and their indexes consume and refuse is shown of each: a table's metrics leave out its indexes", () => {
  for (const deployment of deployments) {
    const nameOf = ({ TableName = "", GlobalSecondaryIndexName: index }: Use["dimensions"]) =>
      [TableName, ...(index ? [index] : [])].join("/");
    const deployed = deployment
      .ofType("Table")
      .flatMap(({ inputs: { name, globalSecondaryIndexes = [] } }) => [
        name,
        ...globalSecondaryIndexes.map((index: { name: string }) => `${name}/${index.name}`),
      ]);
    expect(deployed.some((name) => name.endsWith("/pending"))).toBe(true);
    for (const metric of [
      "ConsumedReadCapacityUnits",
      "ConsumedWriteCapacityUnits",
      "ReadThrottleEvents",
      "WriteThrottleEvents",
    ]) {
      const shown = widgetUses(deployment).filter(({ name }) => name === metric);
      expect(shown.map(({ dimensions }) => nameOf(dimensions)).toSorted(), metric).toEqual(
        deployed.toSorted(),
      );
    }
  }
});

test("Redis's nodes have two cores and earn them in credits: both are shown, and the one thread that runs commands", () => {
  for (const deployment of deployments) {
    expect(deployment.one("ReplicationGroup").inputs.nodeType).toMatch(/^cache\.t4g\.(micro|small)$/);
    const shown = widgetUses(deployment).filter(({ namespace }) => namespace === "AWS/ElastiCache");
    for (const metric of ["EngineCPUUtilization", "CPUUtilization", "CPUCreditBalance"]) {
      const lines = shown.filter(({ name }) => name === metric);
      expect(lines, metric).toHaveLength(redisNodes(deployment).length);
    }
  }
});

test("every node of Redis is on the dashboard", () => {
  for (const deployment of deployments) {
    const shown = new Set(widgetUses(deployment).map(({ dimensions }) => dimensions.CacheClusterId));
    shown.delete(undefined);
    expect([...shown].toSorted()).toEqual(redisNodes(deployment));
  }
});

test("someone is told of every alarm, or of the one that it is a part of", () => {
  for (const deployment of deployments) {
    const topic = deployment.one("Topic").name;
    const composites = deployment.ofType("CompositeAlarm");
    const isPart = ({ inputs }: Resource) =>
      composites.some(({ inputs: { alarmRule } }) => alarmRule.includes(`"${inputs.name}"`));
    const alarms = [...composites, ...deployment.ofType("MetricAlarm").filter((alarm) => !isPart(alarm))];
    expect(composites).toHaveLength(4);
    expect(alarms.length).toBeGreaterThan(composites.length + 7);
    for (const { inputs, name } of alarms) {
      expect(inputs.alarmActions, name).toEqual([expect.stringContaining(topic)]);
      expect(inputs.okActions, name).toEqual(inputs.alarmActions);
      expect(inputs.alarmDescription.length, name).toBeGreaterThan(20);
    }
  }
  const emails = deployments.flatMap((deployment) => deployment.ofType("TopicSubscription"));
  expect(emails.map(({ inputs }) => inputs.endpoint)).toEqual(["oncall@shop.example"]);
});

test("recovery that does not run is missed, though what does not run publishes nothing", () => {
  for (const deployment of deployments) {
    const { inputs } = deployment.one("MetricAlarm", "RecoveryNotCalledAlarm");
    expect(inputs).toMatchObject({
      namespace: "AWS/Lambda",
      metricName: "Invocations",
      statistic: "Sum",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      treatMissingData: "breaching",
    });
    expect(inputs.dimensions.FunctionName).toBe(
      deployment.one("Function", "RecoveryHandlerFunction").inputs.name,
    );
    // Several runs are due in that time.
    expect(deployment.one("Schedule").inputs.scheduleExpression).toBe("rate(1 minute)");
    expect((inputs.datapointsToAlarm * inputs.period) / 60).toBeGreaterThanOrEqual(5);
  }
});

test("a stream that nobody reads is noticed by the orders that come meanwhile", () => {
  for (const deployment of deployments) {
    const { inputs } = deployment.one("MetricAlarm", "FulfilmentNotCalledAlarm");
    const [confirmed, calls, { expression }] = inputs.metricQueries;
    expect(confirmed.metric).toMatchObject({ metricName: "OrdersConfirmed", stat: "Sum" });
    expect(calls.metric).toMatchObject({ metricName: "Invocations", stat: "Sum" });
    expect(calls.metric.dimensions.FunctionName).toBe(
      deployment.one("Function", "OrdersSubscriberFulfilmentFunctionFunction").inputs.name,
    );
    expect(expression).toBe("IF(FILL(confirmed, 0) > 0 AND FILL(calls, 0) == 0, 1, 0)");
    // An order at the edge of a window, counted there and fulfilled in the next, wakes nobody.
    expect(inputs).toMatchObject({ threshold: 0, datapointsToAlarm: 3, evaluationPeriods: 4 });
  }
});

test("an alarm that hears nothing is silent, unless it listens for a sign of life", () => {
  for (const deployment of deployments) {
    const breaching = deployment
      .ofType("MetricAlarm")
      .filter(({ inputs }) => inputs.treatMissingData !== "notBreaching")
      .map(({ name }) => name);
    expect(breaching).toEqual(["RecoveryNotCalledAlarm"]);
  }
});

test("budgets are watched by the SRE workbook's windows and rates", () => {
  expect(BURN_RATES).toEqual({
    fast: { rate: 14.4, longMinutes: 60, shortMinutes: 5 },
    slow: { rate: 6, longMinutes: 360, shortMinutes: 30 },
  });
  for (const { rate, longMinutes } of Object.values(BURN_RATES)) {
    const spent = (rate * longMinutes) / (30 * 24 * 60);
    expect([0.02, 0.05]).toContainEqual(expect.closeTo(spent, 5));
  }
  expect(burnThreshold("availability", "fast")).toBeCloseTo(1.44);
  expect(burnThreshold("latency", "slow")).toBeCloseTo(6);
  const alarm = deployments[0]?.one("MetricAlarm", "AvailabilityFastBurnShort").inputs;
  expect(alarm).toMatchObject({ threshold: 1.44, comparisonOperator: "GreaterThanThreshold" });
  expect(alarm.metricQueries.at(-1).expression).toBe(
    "IF(FILL(requests, 0) + FILL(errors1, 0) >= 10, 100 * (FILL(errors0, 0) + FILL(errors1, 0)) / (FILL(requests, 0) + FILL(errors1, 0)), 0)",
  );
});

test("dashboards are laid out on CloudWatch's grid, nothing over anything else", () => {
  for (const deployment of deployments) {
    for (const { inputs } of deployment.ofType("Dashboard")) {
      const taken = new Set<string>();
      const widgets = JSON.parse(inputs.dashboardBody).widgets as Widget[];
      expect(widgets.length).toBeLessThanOrEqual(500);
      for (const { x, y, width, height } of widgets) {
        expect(x + width).toBeLessThanOrEqual(24);
        for (let row = y; row < y + height; row++) {
          for (let column = x; column < x + width; column++) {
            expect(taken.has(`${row}/${column}`)).toBe(false);
            taken.add(`${row}/${column}`);
          }
        }
      }
    }
    for (const { properties } of graphsOf(deployment)) expect(properties.region).toBe("us-east-1");
  }
});
