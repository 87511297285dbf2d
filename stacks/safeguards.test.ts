import { beforeAll, expect, test } from "vitest";
import { readSettings } from "./settings.ts";
import { fixedCosts } from "./synth/lambda-cost.ts";
import { type Deployment, synthesizedAll } from "./testing/stages.ts";

let production: Deployment;
let trial: Deployment;
let personal: Deployment;
beforeAll(async () => {
  [production, trial, personal] = await synthesizedAll("production", "trial", "personal");
});

const costOf = (deployment: Deployment, name: string) =>
  fixedCosts(deployment, 29).find(({ what }) => what === name)?.month;

const WRONG: [setting: Record<string, string>, message: string][] = [
  [{ STAMPEDE_WAF: "on" }, 'STAMPEDE_WAF must be off or count or block, not "on"'],
  [{ STAMPEDE_WAF: "count", STAMPEDE_WAF_RATE: "9" }, "STAMPEDE_WAF_RATE must be a whole number from 10"],
  [{ STAMPEDE_WAF_RATE: "600" }, "STAMPEDE_WAF_RATE needs STAMPEDE_WAF=count or block"],
  [{ STAMPEDE_WAF: "block", STAMPEDE_API: "functions" }, "STAMPEDE_WAF needs STAMPEDE_API=container"],
  [{ STAMPEDE_REDIS_ENGINE: "memcached" }, 'STAMPEDE_REDIS_ENGINE must be redis or valkey, not "memcached"'],
  [
    {
      STAMPEDE_REDIS_ENGINE: "valkey",
      STAMPEDE_SHARED_VPC: "vpc-0d19d2b8ca2b268a1",
      STAMPEDE_SHARED_REDIS: "cache",
    },
    "STAMPEDE_REDIS_ENGINE can't change a shared Redis",
  ],
  [{ STAMPEDE_BACKUPS: "36" }, 'STAMPEDE_BACKUPS must be a whole number from 1 to 35, not "36"'],
  [{ STAMPEDE_BACKUPS: "off" }, "STAMPEDE_BACKUPS must be a whole number from 1 to 35"],
];

test.each(WRONG)("%j is refused", (env, message) => {
  expect(() => readSettings("alice", env)).toThrow(message);
});

const rulesOf = (deployment: Deployment) => deployment.one("WebAcl").inputs.rules;

test("a firewall in block mode refuses floods with 429, and what AWS's common rules match", () => {
  const [rate, common] = rulesOf(production);
  expect(rate.statement.rateBasedStatement).toEqual({
    aggregateKeyType: "IP",
    limit: 2_400,
    evaluationWindowSec: 60,
  });
  expect(rate.action.block.customResponse).toEqual({
    responseCode: 429,
    responseHeaders: [{ name: "Retry-After", value: "60" }],
  });
  expect(common).toMatchObject({
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement: { vendorName: "AWS", name: "AWSManagedRulesCommonRuleSet" } },
  });
  expect(production.one("WebAclAssociation").inputs.resourceArn).toContain("loadbalancer/app/");
});

test("in count mode it refuses nothing", () => {
  const [rate, common] = rulesOf(trial);
  expect(rate).toMatchObject({ action: { count: {} }, statement: { rateBasedStatement: { limit: 600 } } });
  expect(common.overrideAction).toEqual({ count: {} });
});

test("without the setting there is no firewall, and nothing to pay for it", () => {
  expect(personal.ofType("WebAcl")).toEqual([]);
  expect(costOf(personal, "Firewall")).toBeUndefined();
  expect(costOf(production, "Firewall")).toBe(7);
});

test("Valkey in place of Redis, under a name of its own, for four fifths of the price", () => {
  const { name, inputs } = trial.one("ReplicationGroup");
  expect(name).toBe("CacheValkeyCluster");
  expect(inputs).toMatchObject({ engine: "valkey", transitEncryptionMode: "required" });
  expect(trial.one("ParameterGroup").inputs.family).toBe("valkey7");
  expect(costOf(trial, "Valkey")).toBeCloseTo(0.8 * (costOf(personal, "Redis") ?? 0));
  expect(personal.one("ReplicationGroup").inputs.engine).toBe("redis");
});

test("a personal stage has backups by setting only, of as many days as it says", () => {
  const kept = ({ inputs }: { inputs: { pointInTimeRecovery: object } }) => inputs.pointInTimeRecovery;
  for (const table of trial.ofType("Table"))
    expect(kept(table)).toEqual({ enabled: true, recoveryPeriodInDays: 7 });
  for (const table of personal.ofType("Table")) expect(kept(table)).toEqual({ enabled: false });
  expect(costOf(trial, "Backups")).toBe(0.2);
  expect(costOf(personal, "Backups")).toBeUndefined();
});
