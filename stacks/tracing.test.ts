import { beforeAll, expect, test } from "vitest";
import { containerVariables, type Deployment, statementsOf, synthesized } from "./testing/stages.ts";

let personal: Deployment;
let production: Deployment;
let functions: Deployment;
beforeAll(async () => {
  [personal, production, functions] = await Promise.all([
    synthesized("personal"),
    synthesized("production"),
    synthesized("functions"),
  ]);
});

const containersOf = (
  deployment: Deployment,
): { name: string; essential?: boolean; [field: string]: unknown }[] =>
  JSON.parse(deployment.one("TaskDefinition").inputs.containerDefinitions);

const xrayRoles = (deployment: Deployment): string[] =>
  deployment
    .ofType("Role")
    .filter((role) => statementsOf(role).some(({ Action }) => Action.includes("xray:PutTraceSegments")))
    .map(({ name }) => name);

test("a stage without tracing has no collector, no right to X-Ray and no traces", () => {
  expect(containersOf(personal)).toHaveLength(1);
  expect(xrayRoles(personal)).toEqual([]);
  expect(containerVariables(personal)).toMatchObject({ TRACING: "off", OTEL_EXPORTER_OTLP_ENDPOINT: "" });
});

test("a stage with tracing has the collector beside the shop, which may fail by itself", () => {
  const [shop, collector, ...others] = containersOf(production);
  expect(others).toEqual([]);
  // ECS takes a container for essential that does not say otherwise.
  expect(shop?.essential ?? true).toBe(true);
  expect(collector).toMatchObject({
    name: "Collector",
    image: expect.stringMatching(/^public\.ecr\.aws\/aws-observability\/aws-otel-collector:v\d+\.\d+\.\d+$/),
    essential: false,
    readonlyRootFilesystem: true,
    memory: 128,
    logConfiguration: shop?.logConfiguration,
  });
  // Reached from the task alone.
  expect(collector).not.toHaveProperty("portMappings");
});

test("the API as functions, which cannot be traced, has neither the layer nor a right to X-Ray", () => {
  expect(xrayRoles(functions)).toEqual([]);
  const all = functions.ofType("lambda/function:Function").filter(({ inputs }) => inputs.environment);
  const shops = all.filter(({ inputs }) => inputs.environment.variables?.TRACING !== undefined);
  expect(shops.length).toBeGreaterThan(30);
  for (const { inputs, name } of shops) {
    expect(inputs.environment.variables.TRACING, name).toBe("off");
    expect(inputs.layers ?? [], name).toEqual([]);
  }
});

test("the shop sends its spans where the collector listens", () => {
  const variables = containerVariables(production);
  // Strangers call it: their flags must not decide.
  expect(variables).toMatchObject({ TRACING: "on", TRACING_PERCENT: "5", TRACING_TRUST: "off" });
  const { host } = new URL(variables.OTEL_EXPORTER_OTLP_ENDPOINT ?? "");
  const { environment } = containersOf(production)[1] as { environment?: { name: string; value: string }[] };
  const config = environment?.find(({ name }) => name === "AOT_CONFIG_CONTENT")?.value;
  expect(config).toContain(`http: { endpoint: "${host}" }`);
  expect(config).toContain("exporters: [awsxray]");
});

test("tasks and background functions may put traces, and the functions have the layer", () => {
  const roles = xrayRoles(production);
  for (const part of ["Shop", "Fulfilment", "Recovery"]) {
    expect(
      roles.some((name) => name.includes(part)),
      `${part} in ${roles}`,
    ).toBe(true);
  }
  const traced = production
    .ofType("lambda/function:Function")
    .filter(({ inputs }) => inputs.environment?.variables?.TRACING === "on");
  expect(traced.length).toBeGreaterThanOrEqual(2);
  for (const { inputs } of traced)
    expect(inputs.layers).toEqual([expect.stringContaining("aws-otel-collector")]);
});
