// biome-ignore-all lint/style/noExcessiveLinesPerFile: its cases share the synthesized stages
import { beforeAll, expect, test } from "vitest";
import { type Config, readConfig } from "../core/config/config.ts";
import { TABLE_KEYS, TABLES } from "../core/tables.ts";
import { accessEnvironment } from "./environment.ts";
import { ENDING } from "./sizes.ts";
import {
  containerOf,
  containerVariables,
  type Deployment,
  type Resource,
  statementsOf,
  synthesized,
  type Variables,
} from "./testing/stages.ts";
import { variablesRead } from "./testing/variables-read.ts";

let personal: Deployment;
let production: Deployment;
let plainProduction: Deployment;
let functions: Deployment;
let dev: Deployment;
let stripe: Deployment;
let stripeFunctions: Deployment;
beforeAll(async () => {
  [personal, production, plainProduction, functions, dev, stripe, stripeFunctions] = (await Promise.all(
    (
      ["personal", "production", "plainProduction", "functions", "dev", "stripe", "stripeFunctions"] as const
    ).map(synthesized),
  )) as [Deployment, Deployment, Deployment, Deployment, Deployment, Deployment, Deployment];
});

/** Of one's own machine: the embedded database, its catalogue, its timers; and what a link stands for. */
const LOCAL = [
  "AUTH_API_KEYS",
  "AUTH_CART_SECRET",
  "CATALOG_SIZE",
  "DATA_DIR",
  "DYNAMODB_ENDPOINT",
  "DYNAMODB_LIMITS",
  "DYNAMODB_SCALE",
  "RECOVERY_INTERVAL_MS",
  "REDIS_URL",
  "STRIPE_API_BASE",
  "STRIPE_SECRET_KEY",
  "STRIPE_WEBHOOK_SECRET",
  "TABLE_PREFIX",
];

/** Of a process that listens; Lambda sets the region by itself, and forbids it to others. */
const OF_A_SERVER = [
  "ALLOWED_HOSTS",
  "AWS_REGION",
  "CACHE_WARM",
  "DRAIN_DEADLINE_MS",
  "DRAIN_NOTICE_MS",
  "HOST",
  "METRICS_INTERVAL_MS",
  "PORT",
  "TRUSTED_HOPS",
];

/** Of what answers clients. */
const OF_ACCESS = [
  "AUTH",
  "AUTH_AUDIENCE",
  "AUTH_ISSUER",
  "AUTH_JWKS",
  "RATE_LIMITS",
  "RATE_LIMIT_CHECKOUT_PER_MINUTE",
  "RATE_LIMIT_FAILURES_PER_MINUTE",
  "RATE_LIMIT_PER_MINUTE",
  "RATE_LIMIT_SEARCH_PER_MINUTE",
  "SST_RESOURCE_Access",
];

/** Of what charges; and what Stripe's secrets are linked as, where it charges by Stripe. */
const OF_CHARGES = ["PAYMENT_CURRENCY", "PAYMENT_GATEWAY", "STRIPE_RETURN_URL"];
const OF_STRIPE = ["SST_RESOURCE_Payment"];

/** SST's own. */
const OF_SST_FUNCTIONS = ["SST_KEY", "SST_KEY_FILE"];

/** Names of functions that charge. */
const CHARGING = /Checkout|WebhooksStripe|Recovery/;

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
const functionVariables = ({ inputs }: Resource): Variables => inputs.environment.variables;
const namesOf = (variables: Variables): string[] => Object.keys(variables).toSorted();
const read = (...without: string[][]): string[] =>
  variablesRead().filter((name) => !without.flat().includes(name));

test("the container gets every variable that the code reads, and none else", () => {
  for (const deployment of [personal, production, plainProduction]) {
    expect(namesOf(containerVariables(deployment))).toEqual(read(LOCAL, OF_STRIPE).toSorted());
  }
  expect(namesOf(containerVariables(stripe))).toEqual(read(LOCAL).toSorted());
});

test("functions of the API get the same, but for what a server needs", () => {
  const handlers = functions.ofType("Function").filter(({ name }) => name.startsWith("Api"));
  expect(handlers.length).toBeGreaterThan(20);
  for (const handler of handlers) {
    const isCharging = CHARGING.test(handler.name);
    expect(namesOf(functionVariables(handler)), handler.name).toEqual(
      [...read(LOCAL, OF_A_SERVER, OF_STRIPE, isCharging ? [] : OF_CHARGES), ...OF_SST_FUNCTIONS].toSorted(),
    );
  }
});

test("by Stripe charge those functions alone that have to, with its package and its secrets", () => {
  const handlers = stripeFunctions.ofType("Function");
  const charging = handlers.filter((handler) => functionVariables(handler).SST_RESOURCE_Payment);
  expect(charging.map(({ name }) => name).filter((name) => CHARGING.test(name))).toHaveLength(
    charging.length,
  );
  expect(charging).toHaveLength(3);
  for (const handler of charging) {
    expect(readConfig(functionVariables(handler)).payment, handler.name).toMatchObject({
      timeout: 8_000,
      stripe: {
        secretKey: "sk_test_synthesized",
        webhookSecret: undefined,
        currency: "eur",
        returnUrl: "https://shop.example/paid",
      },
    });
  }
  const others = handlers.filter((handler) => !charging.includes(handler));
  expect(others.length).toBeGreaterThan(20);
  for (const handler of others)
    expect(readConfig(functionVariables(handler)).payment.stripe, handler.name).toBeUndefined();
});

test("functions reach Stripe from their private subnets, which have no way out otherwise", () => {
  expect(stripeFunctions.ofType("NatGateway")).toHaveLength(2);
  expect(functions.ofType("NatGateway")).toEqual([]);
  expect(stripe.ofType("NatGateway")).toEqual([]);
});

test("the container charges by Stripe with secrets that ECS alone reads", () => {
  expect(readConfig(containerVariables(stripe)).payment.stripe).toMatchObject({
    secretKey: "sk_test_synthesized",
    currency: "usd",
  });
  expect(stripe.one("TaskDefinition").inputs.containerDefinitions).not.toContain("sk_test_synthesized");
  expect(containerOf(stripe).secrets.map(({ name }: { name: string }) => name)).toContain(
    "SST_RESOURCE_Payment",
  );
});

test("functions in the background work on the tables alone", () => {
  const handlers = personal.ofType("Function");
  expect(handlers).toHaveLength(2);
  for (const handler of handlers) {
    expect(namesOf(functionVariables(handler)), handler.name).toEqual(
      [
        ...read(LOCAL, OF_A_SERVER, OF_ACCESS, OF_STRIPE, CHARGING.test(handler.name) ? [] : OF_CHARGES, [
          "SST_RESOURCE_Cache",
        ]),
        ...OF_SST_FUNCTIONS,
      ].toSorted(),
    );
    expect(readConfig(functionVariables(handler))).toMatchObject({
      redis: undefined,
      cache: { mode: "off" },
    });
  }
});

test("nobody gets in without credentials, and the issuer is the one of the settings", () => {
  for (const deployment of [personal, production, plainProduction]) {
    const { access, rateLimits } = readConfig(containerVariables(deployment));
    expect(access).toMatchObject({ mode: "jwt", keySet: undefined, apiKeys: [] });
    expect(rateLimits).toMatchObject({ isOn: true, trustedHops: 1 });
  }
  const identity = {
    issuer: "https://login.example/",
    audience: "shop",
    keySet: "https://login.example/jwks",
  };
  expect(readConfig(accessEnvironment({ identity })).access).toMatchObject({
    issuer: identity.issuer,
    audience: identity.audience,
    keySet: new URL(identity.keySet),
  });
});

test("the code understands what it gets", () => {
  const config: Config = readConfig(containerVariables(personal));
  expect(config).toMatchObject({
    http: { port: 8080, host: "0.0.0.0" },
    dynamodb: { endpoint: undefined, isLinked: true },
    telemetry: { metricsNamespace: "Stampede/alice" },
    faultsEnabled: true,
  });
  for (const key of TABLE_KEYS) {
    const { name } = personal.one("Table", `${TABLES[key].link}Table`).inputs;
    expect(config.dynamodb.tables[key]).toBe(name);
  }
  expect(readConfig(containerVariables(production)).faultsEnabled).toBe(false);
  expect(config.release).toMatch(/^[0-9a-f]{40}(-dirty)?$/);
});

test("Redis is reached over TLS with its password, alone or as a cluster, and the client is set for which", () => {
  const alone = readConfig(containerVariables(personal)).redis;
  expect(alone).toMatchObject({ cluster: false });
  expect(alone?.url).toMatch(/^rediss:\/\/default:[^@]+@master\.cachecluster\.cache\.amazonaws\.com:6379$/);
  const cluster = readConfig(containerVariables(production)).redis;
  expect(cluster).toMatchObject({ cluster: true });
  expect(cluster?.url).toMatch(/@clustercfg\.cacheshardedcluster\./);
  expect(personal.one("ReplicationGroup").inputs.clusterMode).toBe("disabled");
  expect(production.one("ReplicationGroup").inputs.clusterMode).toBe("enabled");
});

test("between one Redis and a cluster nothing is changed in place: AWS would refuse it", () => {
  for (const type of ["ReplicationGroup", "ParameterGroup"]) {
    const [alone, cluster] = [plainProduction.one(type), production.one(type)];
    expect(cluster.name, type).not.toBe(alone.name);
    expect(cluster.urn, type).not.toBe(alone.urn);
  }
  // A reader of the link stays as it is, and gets the other's address.
  const secretOf = (deployment: Deployment) => deployment.one("Secret", "CacheLink").urn;
  expect(secretOf(production)).toBe(secretOf(plainProduction));
  expect(namesOf(containerVariables(production))).toEqual(namesOf(containerVariables(plainProduction)));
});

test("production's one Redis has a replica in the other zone", () => {
  expect(plainProduction.one("ReplicationGroup").inputs).toMatchObject({
    clusterMode: "disabled",
    numCacheClusters: 2,
    automaticFailoverEnabled: true,
    multiAzEnabled: true,
  });
});

test("no password stands in a task definition", () => {
  const password = personal.one("RandomPassword");
  expect(password.name).toBe("CacheAuthToken");
  expect(personal.one("TaskDefinition").inputs.containerDefinitions).not.toContain(
    `password-of-${password.name}`,
  );
  const valueFrom = expect.stringMatching(/:secretsmanager:.+:secret:\w+-AbCdEf:::version-of-\w+$/);
  const secrets = ["SST_RESOURCE_Access", "SST_RESOURCE_Cache"].map((name) => ({ name, valueFrom }));
  expect(containerOf(personal).secrets.toSorted(byName)).toEqual(secrets);
});

test("a changed secret changes the task definition, so that a deployment starts and a roll-back finds the old one", () => {
  const cacheOf = (deployment: Deployment): string =>
    (containerOf(deployment).secrets as { name: string; valueFrom: string }[]).find(
      ({ name }) => name === "SST_RESOURCE_Cache",
    )?.valueFrom ?? "";
  // The two have different kinds of Redis, and the same secret.
  expect(cacheOf(production).split(":::")[0]).toBe(cacheOf(plainProduction).split(":::")[0]);
  expect(cacheOf(production)).not.toBe(cacheOf(plainProduction));
  // The permission is for the secret, whatever its version.
  const [allowed] = statementsOf(production.one("Role", "ShopExecutionRole"));
  expect(allowed?.Resource).toContain(cacheOf(production).split(":::")[0]);
});

test("a task's end: requests finish before the load balancer lets go, the drain before the kill", () => {
  const { inputs: target } = personal.one("TargetGroup");
  const { stopTimeout } = containerOf(personal);
  const { requestDeadline, drainDeadline, drainNotice } = readConfig(containerVariables(personal)).http;
  expect(target.deregistrationDelay * 1_000).toBeGreaterThan(requestDeadline);
  expect(stopTimeout * 1_000).toBeGreaterThanOrEqual(drainNotice + drainDeadline + 5_000);
  expect(stopTimeout).toBeLessThanOrEqual(120); // Fargate's own limit.
  expect(ENDING.stopTimeout).toBe(stopTimeout);
});

test("the process is replaced before it is killed for its memory", () => {
  for (const deployment of [personal, production]) {
    const { memoryLimitMb, cache } = readConfig(containerVariables(deployment));
    const memoryMb = Number(deployment.one("TaskDefinition").inputs.memory);
    expect(memoryLimitMb).toBeLessThan(0.9 * memoryMb);
    expect(150 + (3 * cache.memoryBytes) / 1024 / 1024).toBeLessThan(memoryLimitMb);
  }
});

test("tasks are added for memory well before those that run call themselves unhealthy for it", () => {
  for (const deployment of [personal, production]) {
    const { memoryLimitMb, cache } = readConfig(containerVariables(deployment));
    const memoryMb = Number(deployment.one("TaskDefinition").inputs.memory);
    const targets = deployment
      .ofType("appautoscaling/policy:Policy")
      .map(({ inputs }) => inputs.targetTrackingScalingPolicyConfiguration)
      .filter(({ predefinedMetricSpecification: { predefinedMetricType: type } }) => type.includes("Memory"))
      .map(({ targetValue }) => targetValue);
    expect(targets).toHaveLength(1);
    expect(targets[0]).toBeLessThanOrEqual((0.9 * 100 * memoryLimitMb) / memoryMb);
    // And not for a cache that is merely full.
    expect(targets[0]).toBeGreaterThan((100 * (150 + (3 * cache.memoryBytes) / 1024 / 1024)) / memoryMb);
  }
});

test("sst dev runs the launcher on the stage's tables and the developer's own Redis, with its own defaults", () => {
  const shop = dev.all.find(({ name }) => name === "ShopDev")?.outputs?._dev as Record<string, unknown>;
  expect(shop.command).toBe("npm run dev");
  expect(shop.links).toEqual([...TABLE_KEYS.map((key) => TABLES[key].link), "Cache"]);
  expect(shop.environment).toEqual({ AWS_REGION: "us-east-1" });
  const redis = dev.all.find(({ name }) => name === "CacheLinkRef")?.outputs?.properties;
  expect(redis).toMatchObject({ host: "localhost", port: 6379, password: "" });
  expect(readConfig({ SST_RESOURCE_Cache: JSON.stringify(redis) }).redis?.url).toBe("redis://localhost:6379");
  for (const type of ["ReplicationGroup", "TaskDefinition", "LoadBalancer", "Dashboard", "MetricAlarm"]) {
    expect(dev.ofType(type), type).toEqual([]);
  }
});
