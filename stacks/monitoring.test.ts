import { beforeAll, expect, test } from "vitest";
import { SERVICES } from "../core/resilience/services.ts";
import { METRIC_SERVICE, METRICS, type MetricDeclaration } from "../core/telemetry/metrics.ts";
import { DEPENDENCIES } from "./dashboard/shop-rows.ts";
import {
  alarmUses,
  graphsOf,
  redisNodes,
  searched,
  type Use,
  type Widget,
  widgetUses,
} from "./testing/metric-uses.ts";
import { DEPLOYED, type Deployment, synthesized } from "./testing/stages.ts";

let deployments: Deployment[];
beforeAll(async () => {
  deployments = await Promise.all(DEPLOYED.map(synthesized));
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

test("shows the consumption and refusals of tables and of each index: a table's metrics leave out its indexes", () => {
  for (const deployment of deployments) {
    const nameOf = ({ TableName = "", GlobalSecondaryIndexName: index }: Use["dimensions"]) =>
      [TableName, ...(index ? [index] : [])].join("/");
    const deployed = deployment
      .ofType("Table")
      .flatMap(({ inputs: { name, globalSecondaryIndexes = [] } }) => [
        name,
        ...globalSecondaryIndexes.map((index: { name: string }) => `${name}/${index.name}`),
      ]);
    expect(deployed.some((name) => name.endsWith("/unfinished"))).toBe(true);
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
