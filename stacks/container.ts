import { policyOf, statementsOf, tableLinks } from "./access.ts";
import { cacheSecret, isCluster, redis } from "./cache.ts";
import { type ContainerDefinition, hardened } from "./container-definition.ts";
import { accessSecret } from "./credentials.ts";
import { failDeploymentOn } from "./deployment-alarm.ts";
import { accessEnvironment, paymentEnvironment, serverEnvironment, shopEnvironment } from "./environment.ts";
import { vpc } from "./network.ts";
import { paymentSecret } from "./payment.ts";
import { scalingLimits, scheduleSale } from "./scaling.ts";
import { ENDING } from "./sizes.ts";
import { isProduction, metricsNamespace, release, settings, sizes } from "./stage.ts";
import { collector, TRACING_STATEMENTS, tracingEnvironment } from "./tracing.ts";
import { accessLogs } from "./traffic-logs.ts";
import { protectByWaf } from "./waf.ts";

const PORT = 8_080;

/** The image's own check: ECS does not read the one in the Dockerfile. */
const HEALTH_CHECK = `process.exit((await fetch("http://127.0.0.1:${PORT}/health")).ok ? 0 : 1)`;

const { region } = aws.getRegionOutput();

/** In `sst dev` the launcher serves, with its own defaults. */
const environment = (): Record<string, $util.Input<string>> =>
  $dev
    ? {}
    : {
        ...shopEnvironment(sizes, isCluster),
        ...serverEnvironment(sizes),
        ...accessEnvironment(settings),
        ...paymentEnvironment(settings),
        ...tracingEnvironment(settings),
        METRICS_NAMESPACE: metricsNamespace,
        RELEASE: release,
        AWS_REGION: region,
      };

/** Read by ECS as it starts a task. In `sst dev` there are none. */
const secrets = Object.entries({
  SST_RESOURCE_Cache: cacheSecret,
  SST_RESOURCE_Access: accessSecret,
  SST_RESOURCE_Payment: paymentSecret,
}).flatMap(([name, secret]) => (secret ? [{ name, ...secret }] : []));

/** After the shop, where traces are collected. */
const withCollector = (containers: ContainerDefinition[], name: string): object[] => {
  const [shop] = containers;
  return settings.tracing && shop ? [...containers, collector(name, shop.logConfiguration)] : containers;
};

const listen = settings.domain
  ? [
      { listen: "80/http" as const, redirect: "443/https" as const },
      { listen: "443/https" as const, forward: `${PORT}/http` as const },
    ]
  : [{ listen: "80/http" as const, forward: `${PORT}/http` as const }];

const door = (port: number) => ({
  protocol: "tcp",
  fromPort: port,
  toPort: port,
  cidrBlocks: [...settings.allowFrom],
});

/** The shop as a service of containers behind a public load balancer. */
export const deployContainer = () => {
  const cluster = new sst.aws.Cluster("Cluster", { vpc });
  const shop: sst.aws.Service = new sst.aws.Service("Shop", {
    cluster,
    architecture: "arm64",
    cpu: sizes.cpu,
    memory: sizes.memory,
    image: { context: "." },
    environment: environment(),
    ssm: Object.fromEntries(secrets.map(({ name, version }) => [name, version])),
    link: $dev ? [...tableLinks, redis] : tableLinks,
    logging: { retention: sizes.logRetention },
    health: {
      command: ["CMD", "bun", "-e", HEALTH_CHECK],
      interval: "15 seconds",
      timeout: "5 seconds",
      // The most that ECS allows, for a task has a search index to build (`HealthCheck`, Amazon ECS API Reference).
      startPeriod: "300 seconds",
      retries: 3,
    },
    loadBalancer: {
      ...(settings.domain && {
        domain: { name: settings.domain.name, dns: sst.aws.dns({ zone: settings.domain.zone }) },
      }),
      rules: listen,
      health: {
        [`${PORT}/http`]: {
          path: "/health",
          interval: "15 seconds",
          timeout: "5 seconds",
          healthyThreshold: 2,
          unhealthyThreshold: 3,
        },
      },
    },
    scaling: {
      ...scalingLimits,
      cpuUtilization: 65,
      // Below the 80 % at which a task calls itself unhealthy: a help that comes when all of them do is none.
      memoryUtilization: 70,
      requestCount: sizes.requestsPerTask,
      // Out at once, for a sale does not wait; in slowly, for the next wave may follow.
      scaleOutCooldown: "60 seconds",
      scaleInCooldown: "300 seconds",
    },
    // Resources that an old task still uses, such as the Redis it knows, go once the tasks have changed, and
    // not while they do.
    wait: isProduction,
    dev: { command: "npm run dev" },
    transform: {
      taskRole: (role) => {
        role.inlinePolicies = policyOf([
          ...statementsOf("api"),
          ...(settings.tracing ? TRACING_STATEMENTS : []),
        ]);
      },
      executionRole: (role) => {
        role.inlinePolicies =
          secrets.length > 0
            ? policyOf([
                { actions: ["secretsmanager:GetSecretValue"], resources: secrets.map(({ arn }) => arn) },
              ])
            : [];
      },
      taskDefinition: (task) => {
        task.containerDefinitions = $util
          .all([$jsonParse(task.containerDefinitions as $util.Output<string>), region])
          .apply(([containers, name]: [ContainerDefinition[], string]) =>
            JSON.stringify(withCollector(containers.map(hardened(PORT)), name)),
          );
      },
      service: (service, options) => {
        // A shell in the container would need a writable disk, and rights that the shop has no use for.
        service.enableExecuteCommand = false;
        service.deploymentMinimumHealthyPercent = 100;
        service.deploymentMaximumPercent = 200;
        // A task that builds its search index or warms its cache is not healthy yet, and not to be replaced for it: it
        // would begin anew. Enough for a million products on half a vCPU; a deployment that fails ends by its alarms.
        service.healthCheckGracePeriodSeconds = 900;
        service.propagateTags = "SERVICE";
        // Scaling owns it: a deployment, a roll-back included, would send a service under load back to its minimum
        // (Terraform's `aws_ecs_service`, "Ignoring Changes to Desired Count").
        options.ignoreChanges = ["desiredCount"];
        service.alarms = failDeploymentOn(shop.nodes.loadBalancer);
      },
      target: {
        deregistrationDelay: ENDING.deregistrationDelay,
        loadBalancingAlgorithmType: "least_outstanding_requests",
      },
      loadBalancer: {
        dropInvalidHeaderFields: true,
        enableDeletionProtection: isProduction,
        ...(accessLogs && { accessLogs: { bucket: accessLogs.name, enabled: true } }),
      },
      loadBalancerSecurityGroup: {
        description: "Clients of the shop",
        ingress: settings.domain ? [door(80), door(443)] : [door(80)],
      },
      listener: (listener) => {
        if (listener.protocol === "HTTPS") listener.sslPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
      },
    },
  });
  if (!$dev) {
    scheduleSale(shop.nodes.autoScalingTarget);
    protectByWaf(shop.nodes.loadBalancer);
  }
  return { cluster, service: shop };
};
