import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ENDPOINTS } from "../functions/http/endpoints.ts";
import { ROUTES } from "../functions/routes.ts";
import { containerOf, type Deployment, synthesized } from "./testing/stages.ts";

let personal: Deployment;
let production: Deployment;
let plainProduction: Deployment;
let functions: Deployment;
beforeAll(async () => {
  [personal, production, plainProduction, functions] = (await Promise.all(
    (["personal", "production", "plainProduction", "functions"] as const).map(synthesized),
  )) as [Deployment, Deployment, Deployment, Deployment];
});

test("the load balancer asks /health as the older deployment did: every 15 s, twice well, three times ill", () => {
  for (const deployment of [personal, production]) {
    expect(deployment.one("TargetGroup").inputs.healthCheck).toEqual({
      path: "/health",
      interval: 15,
      timeout: 5,
      healthyThreshold: 2,
      unhealthyThreshold: 3,
      matcher: "200",
    });
  }
});

test("the container is asked the same way, for ECS does not read the image's own check", () => {
  const { healthCheck } = containerOf(personal);
  expect(healthCheck).toMatchObject({ interval: 15, timeout: 5, retries: 3, startPeriod: 300 });
  expect(healthCheck.command.slice(0, 3)).toEqual(["CMD", "bun", "-e"]);
  expect(healthCheck.command[3]).toContain("http://127.0.0.1:8080/health");
});

test.each([
  ["personal", () => personal, 1, 4],
  ["production", () => production, 3, 40],
  ["plainProduction", () => plainProduction, 2, 16],
] as const)("%s scales on CPU, memory and requests, out fast and in slowly", (_, deployment, min, max) => {
  expect(deployment().one("appautoscaling/target:Target").inputs).toMatchObject({
    minCapacity: min,
    maxCapacity: max,
  });
  const policies = deployment()
    .ofType("appautoscaling/policy:Policy")
    .map(({ inputs }) => inputs.targetTrackingScalingPolicyConfiguration);
  expect(policies.map(({ predefinedMetricSpecification: { predefinedMetricType: type } }) => type)).toEqual([
    "ECSServiceAverageCPUUtilization",
    "ECSServiceAverageMemoryUtilization",
    "ALBRequestCountPerTarget",
  ]);
  for (const policy of policies) expect(policy).toMatchObject({ scaleOutCooldown: 60, scaleInCooldown: 300 });
  const { resourceLabel } = policies[2].predefinedMetricSpecification;
  expect(resourceLabel).toMatch(/^app\/ShopLoadBalancer\/\w+\/targetgroup\/ShopTarget\w+\/\w+$/);
});

test("tasks are on arm64, spread over two zones, sized in what Fargate has", () => {
  const { inputs } = production.one("TaskDefinition");
  expect(inputs).toMatchObject({
    cpu: "1024",
    memory: "2048",
    runtimePlatform: { cpuArchitecture: "ARM64" },
  });
  expect(personal.one("TaskDefinition").inputs).toMatchObject({ cpu: "512", memory: "1024" });
  const subnets = production.ofType("Subnet").map(({ inputs: { availabilityZone } }) => availabilityZone);
  expect([...new Set(subnets)]).toEqual(["us-east-1a", "us-east-1b"]);
  expect(production.one("ecs/service:Service").inputs.networkConfiguration.subnets).toHaveLength(2);
  expect(production.one("ReplicationGroup").inputs).toMatchObject({
    numNodeGroups: 2,
    replicasPerNodeGroup: 1,
    multiAzEnabled: true,
  });
});

test("a deployment keeps every task until a new one is healthy, and goes back when none becomes so", () => {
  expect(production.one("ecs/service:Service").inputs).toMatchObject({
    desiredCount: 3,
    deploymentMinimumHealthyPercent: 100,
    deploymentMaximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback: true },
  });
  expect(production.one("LoadBalancer").inputs.enableDeletionProtection).toBe(true);
});

test("a deployment under which requests fail is rolled back", () => {
  for (const deployment of [personal, production]) {
    const { name, inputs } = deployment.one("MetricAlarm", "DeploymentFailsAlarm");
    const { alarms } = deployment.one("ecs/service:Service").inputs;
    expect(alarms).toEqual({ enable: true, rollback: true, alarmNames: [inputs.name] });
    expect(inputs, name).toMatchObject({ threshold: 5, datapointsToAlarm: 2, evaluationPeriods: 3 });
    const [requests, targetErrors] = inputs.metricQueries;
    expect(requests.metric).toMatchObject({ metricName: "RequestCount", period: 60 });
    expect(targetErrors.metric.dimensions.LoadBalancer).toMatch(/^app\/ShopLoadBalancer\//);
  }
});

test("a deployment leaves the number of tasks to scaling, which a roll-back under load needs most", () => {
  for (const deployment of [personal, production]) {
    expect(deployment.one("ecs/service:Service").ignoreChanges).toEqual(["desiredCount"]);
  }
});

test("a full log buffer drops lines, and never holds up a request", () => {
  const { options } = containerOf(production).logConfiguration;
  expect(options).toMatchObject({ mode: "non-blocking", "max-buffer-size": "25m" });
  expect(Object.keys(options)).toContain("awslogs-group");
});

test("a deployment of production goes on when its tasks have changed", () => {
  expect(production.one("ecs/service:Service").inputs.waitForSteadyState).toBe(true);
  expect(personal.one("ecs/service:Service").inputs.waitForSteadyState).toBe(false);
});

test("no page of another site may call the API", () => {
  expect(functions.one("apigatewayv2/api:Api").inputs.corsConfiguration ?? {}).toEqual({});
});

test("every log ends some day", () => {
  for (const deployment of [personal, production, functions]) {
    for (const { name, inputs } of deployment.ofType("LogGroup")) {
      expect(inputs.retentionInDays, name).toBe(deployment === production ? 90 : 7);
    }
  }
});

test("each route's file declares it, and its handler is the router's", async () => {
  expect(ENDPOINTS).toHaveLength(Object.keys(ROUTES).length);
  for (const [key, { file }] of Object.entries(ROUTES)) {
    const { route, handler } = await import(join(import.meta.dirname, "../functions", `${file}.ts`));
    expect(route.key).toBe(key);
    expect(ENDPOINTS.find((endpoint) => endpoint.route.key === key)?.handler, key).toBe(handler);
  }
});

test("each route of the HTTP API calls its own function with the event that the handler takes", () => {
  const routes = functions.ofType("Route").map(({ inputs }) => inputs.routeKey);
  expect(routes.toSorted()).toEqual(ENDPOINTS.map(({ route }) => route.key).toSorted());
  for (const { inputs } of functions.ofType("Integration")) {
    expect(inputs).toMatchObject({ integrationType: "AWS_PROXY", payloadFormatVersion: "2.0" });
  }
  const handlers = functions.ofType("Function").filter(({ name }) => name.startsWith("Api"));
  expect(handlers.map(({ inputs }) => inputs.handler).toSorted()).toEqual(
    Object.values(ROUTES)
      .map(({ file }) => `functions/${file}.handler`)
      .toSorted(),
  );
  for (const { inputs } of handlers) {
    expect(inputs).toMatchObject({ runtime: "nodejs24.x", architectures: ["arm64"], memorySize: 1024 });
    // Longer than the request's own deadline, so that the shop answers and not the platform.
    expect(inputs.timeout * 1_000).toBeGreaterThan(Number(inputs.environment.variables.REQUEST_DEADLINE_MS));
    expect(inputs.timeout).toBeLessThanOrEqual(29); // The time that an HTTP API waits, less a second.
  }
  for (const type of ["LoadBalancer", "TaskDefinition", "ecs/cluster:Cluster"]) {
    expect(functions.ofType(type), type).toEqual([]);
  }
});
