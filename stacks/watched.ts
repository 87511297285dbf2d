import { TABLE_KEYS, TABLES, type TableDeclaration } from "../core/tables.ts";
import { container, functions } from "./api.ts";
import { redis } from "./cache.ts";
import { canary } from "./canary.ts";
import type { HttpApiNames, LoadBalancerNames, Names } from "./dashboard/aws-rows.ts";
import { failures, fulfilment, recovery } from "./fulfilment.ts";
import { metricsNamespace, settings, sizes } from "./stage.ts";
import { tables } from "./storage.ts";

const containerNames = ({ cluster, service }: NonNullable<typeof container>) =>
  $resolve({
    loadBalancer: service.nodes.loadBalancer.arnSuffix,
    // SST keeps the target group to itself, but the service names it.
    targetGroup: service.nodes.service.apply(({ loadBalancers }) =>
      loadBalancers.apply((targets) => targets?.[0]?.targetGroupArn?.split(":").at(-1) ?? ""),
    ),
    cluster: cluster.nodes.cluster.name,
    service: service.nodes.service.name,
  }).apply(
    (names): LoadBalancerNames => ({
      kind: "loadBalancer",
      ...names,
      // A fixed number of tasks is at its maximum all the time.
      mostTasks: settings.tasks.min < settings.tasks.max ? settings.tasks.max : undefined,
    }),
  );

const functionNames = ({ api }: NonNullable<typeof functions>) =>
  api.nodes.api.id.apply((id): HttpApiNames => ({ kind: "httpApi", api: id }));

const doorNames = (): $util.Output<LoadBalancerNames | HttpApiNames> => {
  if (container) return containerNames(container);
  if (functions) return functionNames(functions);
  throw new Error("The stage has no API");
};

const tableNames = () =>
  TABLE_KEYS.map((key) => {
    const { globalIndexes = {} }: TableDeclaration = TABLES[key];
    return tables[key].name.apply((table) => ({ table, indexes: Object.keys(globalIndexes) }));
  });

/** The names under which AWS publishes what it measures of this stage. */
export const watchedNames = (): $util.Output<Names> =>
  $resolve({
    region: aws.getRegionOutput().region,
    namespace: metricsNamespace,
    door: doorNames(),
    tables: $resolve(tableNames()),
    redisNodes: redis.nodes.cluster.memberClusters,
    isRedisBurstable: sizes.redis.instance.startsWith("t"),
    fulfilment: fulfilment.nodes.function.name,
    recovery: recovery.nodes.function.name,
    failures: failures.nodes.queue.name,
    ...(canary && { canary: canary.nodes.function.name }),
  });
