import { METRICS, type MetricDeclaration } from "../../core/telemetry/metrics.ts";
import type { CostLine } from "./cost-line.ts";
import { fargateHour, PRICES } from "./prices.ts";
import { safeguardCosts } from "./safeguard-cost.ts";
import type { Synthesis, SynthesizedResource } from "./synthesis.ts";

type Inputs = Readonly<Record<string, unknown>>;

const { hoursAMonth } = PRICES;
const RECOVERY_SECONDS = 0.5;

/** How many values a dimension takes where every route is called. */
const dimensionValues = (routes: number): Readonly<Record<string, number>> => ({
  route: routes + 1,
  operation: 6,
  tier: 3,
  dependency: 3,
});

const metricCount = (routes: number): number =>
  Object.values(METRICS as Record<string, MetricDeclaration>).reduce(
    (sum, { dimension }) => sum + (dimension ? (dimensionValues(routes)[dimension] ?? 1) : 1),
    0,
  );

const nodesOf = ({ inputs }: SynthesizedResource): number => {
  const { numNodeGroups, replicasPerNodeGroup = 0, numCacheClusters = 1 } = inputs as Record<string, number>;
  return numNodeGroups ? numNodeGroups * (1 + replicasPerNodeGroup) : numCacheClusters;
};

/**
 * Cost of a stage a month while nobody uses it, in US dollars: charges by the hour or by the piece.
 *
 * @param routes how many routes the API has
 */
export const fixedCosts = (synthesis: Synthesis, routes: number): CostLine[] => {
  const ofType = (type: string) => synthesis.resources.filter((resource) => resource.type === type);
  const inputsOf = (type: string): Inputs[] => ofType(type).map(({ inputs }) => inputs);
  const lines: CostLine[] = [];
  const add = (what: string, assumption: string, month: number) => lines.push({ what, assumption, month });

  const [task] = inputsOf("aws:ecs/taskDefinition:TaskDefinition");
  const [scaling] = inputsOf("aws:appautoscaling/target:Target");
  const tasks = Number(scaling?.minCapacity ?? 0);
  if (task) {
    const [vcpus, gb] = [Number(task.cpu) / 1_024, Number(task.memory) / 1_024];
    add(
      "Fargate",
      `${tasks} × ${vcpus} vCPU, ${gb} GB, arm64, the least number of tasks`,
      tasks * fargateHour(vcpus, gb) * hoursAMonth,
    );
  }
  const balancers = ofType("aws:lb/loadBalancer:LoadBalancer").length;
  if (balancers > 0) {
    const { hour, capacityUnitHour } = PRICES.loadBalancer;
    add("Load balancer", "1, with one capacity unit", balancers * (hour + capacityUnitHour) * hoursAMonth);
    const addresses = tasks + balancers * 2;
    add(
      "Public addresses",
      `${addresses}: one a task, two of the load balancer`,
      addresses * PRICES.publicAddressHour * hoursAMonth,
    );
  }
  for (const redis of ofType("aws:elasticache/replicationGroup:ReplicationGroup")) {
    const [nodes, type] = [nodesOf(redis), String(redis.inputs.nodeType)];
    const isValkey = redis.inputs.engine === "valkey";
    const price = (isValkey ? PRICES.valkeyNodeHour : PRICES.redisNodeHour)[type];
    if (price === undefined) throw new Error(`No price is noted for ${type}`);
    add(isValkey ? "Valkey" : "Redis", `${nodes} × ${type}`, nodes * price * hoursAMonth);
  }
  const namespaces = ofType("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace").length;
  if (namespaces > 0) {
    const { zoneMonth, instanceMonth } = PRICES.serviceDiscovery;
    add(
      "Cloud Map",
      `${namespaces} namespace, ${tasks} tasks in it`,
      namespaces * zoneMonth + tasks * instanceMonth,
    );
  }
  const secrets = ofType("aws:secretsmanager/secret:Secret").length;
  add("Secrets", `${secrets}`, secrets * PRICES.secretMonth);
  const boards = ofType("aws:cloudwatch/dashboard:Dashboard").length;
  add("Dashboards", `${boards}; the first three of an account are free`, boards * PRICES.dashboardMonth);
  const alarmMetrics = inputsOf("aws:cloudwatch/metricAlarm:MetricAlarm").reduce(
    (sum, { metricQueries }) =>
      sum + ((metricQueries as Inputs[] | undefined)?.filter(({ metric }) => metric).length ?? 1),
    0,
  );
  const composites = ofType("aws:cloudwatch/compositeAlarm:CompositeAlarm").length;
  const { metricMonth, compositeMonth } = PRICES.alarm;
  add(
    "Alarms",
    `${alarmMetrics} metrics, ${composites} composites`,
    alarmMetrics * metricMonth + composites * compositeMonth,
  );
  const metrics = metricCount(routes);
  add(
    "Metrics",
    `up to ${metrics}, if every route is called in every hour`,
    metrics * PRICES.customMetricMonth,
  );
  const runs = hoursAMonth * 60;
  add(
    "Recovery",
    `${runs} runs of ${RECOVERY_SECONDS} s at 1 GB; less the free tier`,
    (runs / 1e6) * PRICES.lambda.million + runs * RECOVERY_SECONDS * PRICES.lambda.gbSecond,
  );
  return [...lines, ...safeguardCosts(synthesis)];
};

export const totalOf = (lines: readonly CostLine[]): number =>
  lines.reduce((sum, { month }) => sum + month, 0);
