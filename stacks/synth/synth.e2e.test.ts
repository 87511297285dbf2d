import { spawn } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Deployment, synthesized } from "../testing/stages.ts";
import { differences } from "./difference.ts";
import { inventory, shortType } from "./inventory.ts";
import { fixedCosts, totalOf } from "./lambda-cost.ts";
import { table } from "./text-table.ts";

let personal: Deployment;
let production: Deployment;
let functions: Deployment;
beforeAll(async () => {
  [personal, production, functions] = (await Promise.all(
    (["personal", "production", "functions"] as const).map(synthesized),
  )) as [Deployment, Deployment, Deployment];
});

test("every resource belongs to a stack file", () => {
  for (const deployment of [personal, production, functions]) {
    const rows = inventory(deployment);
    expect([...new Set(rows.map(({ stack }) => stack))]).toEqual([
      "api",
      "cache",
      ...(deployment === production ? ["canary"] : []),
      "credentials",
      "fulfilment",
      "monitoring",
      "network",
      "storage",
      ...(deployment === production ? ["traffic-logs"] : []),
    ]);
    const total = rows.reduce((sum, { names }) => sum + names.length, 0);
    expect(total).toBe(deployment.resources.filter(({ isCustom }) => isCustom).length);
  }
  expect(shortType("aws:dynamodb/table:Table")).toBe("dynamodb Table");
});

test("a stage differs in nothing from itself, whatever its name", () => {
  const renamed = JSON.parse(JSON.stringify(personal).replaceAll("alice", "bobby-2")) as Deployment;
  expect(
    differences({ stage: "alice", synthesis: personal }, { stage: "bobby-2", synthesis: renamed }),
  ).toEqual([]);
});

test("names a difference of production by field and value", () => {
  const changes = differences(
    { stage: "alice", synthesis: personal },
    { stage: "production", synthesis: production },
  );
  expect(changes).toContainEqual({
    what: "ShopAutoScalingTarget (appautoscaling Target)",
    field: "maxCapacity",
    from: "4",
    to: "40",
  });
  expect(changes).toContainEqual({
    what: "ShopTask (ecs TaskDefinition)",
    field: "containerDefinitions.0.environment.FAULTS",
    from: "on",
    to: "off",
  });
  const shown = changes.filter(({ field }) => field.includes(" CPUCreditBalance "));
  expect(shown).toHaveLength(5); // One node here, four there.
  expect(shown[0]).toMatchObject({
    what: "StorageDashboard (cloudwatch Dashboard)",
    field: expect.stringMatching(/AWS\/ElastiCache CPUCreditBalance CacheClusterId \S+ Minimum$/),
    from: "shown",
    to: "-",
  });
  expect(changes).toContainEqual({
    what: "ShopListenerHTTPS443 (lb Listener)",
    field: "",
    from: "-",
    to: "created",
  });
});

test("fixed costs follow what is deployed", () => {
  const costOf = (deployment: Deployment, name: string) =>
    fixedCosts(deployment, 29).find(({ what }) => what === name)?.month;
  expect(costOf(personal, "Fargate")).toBeCloseTo(730 * (0.5 * 0.03238 + 0.00356));
  expect(costOf(production, "Fargate")).toBeCloseTo(3 * 730 * (0.03238 + 2 * 0.00356));
  expect(costOf(personal, "Redis")).toBeCloseTo(730 * 0.016);
  expect(costOf(production, "Redis")).toBeCloseTo(4 * 730 * 0.032); // Two shards with a replica each.
  expect(costOf(production, "Cloud Map")).toBeCloseTo(0.5 + 3 * 0.1);
  expect(costOf(functions, "Fargate")).toBeUndefined();
  expect(costOf(functions, "Load balancer")).toBeUndefined();
  expect(totalOf(fixedCosts(functions, 29))).toBeLessThan(totalOf(fixedCosts(personal, 29)));
  expect(totalOf(fixedCosts(personal, 29))).toBeLessThan(totalOf(fixedCosts(production, 29)));
});

test("a table lines up, and is cut at the terminal's edge", () => {
  expect(
    table(
      ["what", "$"],
      [
        ["Fargate", "14.42"],
        ["Redis", "8.00"],
      ],
    ).split("\n"),
  ).toEqual(["what         $", "──────────────", "Fargate  14.42", "Redis     8.00"]);
  expect(table(["a"], [["0123456789x"]], 6).split("\n")).toEqual(["a", "──────", "01234…"]);
});

/** Runs the command as `npm run synth` does. */
const run = (args: string[], settings: Record<string, string> = {}) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const { PATH = "", HOME = "", TMPDIR = "" } = process.env;
    const child = spawn(process.execPath, [join(import.meta.dirname, "synth-command.ts"), ...args], {
      env: { PATH, HOME, TMPDIR, ...settings },
    });
    const said = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => (said.stdout += chunk));
    child.stderr.on("data", (chunk) => (said.stderr += chunk));
    child.on("close", (code) => resolve({ code, ...said }));
  });

test("the command shows a stage's resources and costs", async () => {
  const { code, stdout } = await run(["--stage", "alice"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Stage alice: \d+ resources$/m);
  expect(stdout).toMatch(/^storage +dynamodb Table +8 /m);
  expect(stdout).toMatch(/^Total +\d+\.\d\d$/m);
});

test("for programs it says the same as JSON", async () => {
  const { stdout } = await run(["--stage", "alice", "--diff", "production", "--json"], {
    STAMPEDE_DOMAIN: "none",
    STAMPEDE_ALLOW_FROM: "0.0.0.0/0",
  });
  const { stage, resources, costs, changes } = JSON.parse(stdout);
  expect(stage).toBe("alice");
  expect(resources.length).toBe(personal.resources.length);
  expect(costs.length).toBeGreaterThan(5);
  expect(changes).toContainEqual(expect.objectContaining({ field: "minCapacity", from: "1", to: "2" }));
});

test("refuses an undeployable stage with the reason, and a wrong call with the usage", async () => {
  const refused = await run(["--stage", "prod"], { STAMPEDE_REDIS: "cluster", REDIS_CLUSTER: "false" });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain('the production stage is called "production"');
  expect(refused.stderr).toContain("STAMPEDE_REDIS=cluster does not fit REDIS_CLUSTER=false");
  expect(refused.stderr).not.toContain("    at ");
  const misspelt = await run(["--stagee", "alice"]);
  expect(misspelt.code).toBe(64);
  expect(misspelt.stderr).toContain("Usage: npm run synth");
});
