import { readFileSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Deployment, synthesized } from "../testing/stages.ts";
import { deployerPolicy } from "./deployer-policy.ts";
import { fixedCosts } from "./lambda-cost.ts";
import { pullRequestComment } from "./pull-request.ts";

const COMMITTED = join(import.meta.dirname, "../../docs/reference/deployer-policy.json");

let personal: Deployment;
let production: Deployment;
let plainProduction: Deployment;
let preview: Deployment;
let functions: Deployment;
beforeAll(async () => {
  [personal, production, plainProduction, preview, functions] = (await Promise.all(
    (["personal", "production", "plainProduction", "preview", "functions"] as const).map(synthesized),
  )) as [Deployment, Deployment, Deployment, Deployment, Deployment];
});

test("docs/reference/deployer-policy.json is up to date: else `npm run synth -- --stage production --policy production`", () => {
  expect(JSON.parse(readFileSync(COMMITTED, "utf8"))).toEqual(
    deployerPolicy("stampede", "production", [production]),
  );
});

test("grants for every kind of stage are noted, and fit into one managed policy", () => {
  for (const deployment of [personal, production, preview, functions]) {
    const policy = deployerPolicy("stampede", "production", [deployment]);
    // IAM counts no white space: "IAM and AWS STS quotas".
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(6_144);
    for (const { Action, Resource, Condition } of policy.Statement) {
      for (const action of Action) expect(action).not.toMatch(/^(\*|iam:\*|s3:\*|dynamodb:\*)$/);
      if (Resource.includes("*"))
        expect(Condition).toMatchObject({ StringEquals: { "aws:RequestedRegion": "REGION" } });
    }
  }
  const unknown = {
    ...personal,
    resources: [{ ...personal.resources[0], type: "aws:neptune/cluster:Cluster", isCustom: true }],
  };
  expect(() => deployerPolicy("stampede", "alice", [unknown as Deployment])).toThrow(
    "No grants are noted for aws:neptune",
  );
});

test("the names that resources get are those that the policy allows, and no other stage's", () => {
  const patterns = (stages: string, service: string) =>
    deployerPolicy("stampede", stages, [production])
      .Statement.flatMap(({ Resource }) => Resource)
      .filter((arn) => arn.startsWith(`arn:aws:${service}:`))
      .map((arn) => arn.split(/[:/]/).at(-1) ?? "");
  for (const [type, service] of [
    ["Role", "iam"],
    ["lambda/function:Function", "lambda"],
    ["Table", "dynamodb"],
    ["sqs/queue:Queue", "sqs"],
    ["sns/topic:Topic", "sns"],
  ] as const) {
    const names = production
      .ofType(type)
      .map(({ inputs }) => inputs.name)
      .filter(Boolean);
    expect(names.length, type).toBeGreaterThan(0);
    for (const name of names) {
      expect(
        patterns("production", service).some((pattern) => matchesGlob(name, pattern)),
        name,
      ).toBe(true);
      expect(
        patterns("pr-*", service)
          .filter((pattern) => pattern !== "*")
          .some((pattern) => matchesGlob(name, pattern)),
        name,
      ).toBe(false);
    }
  }
});

const at = (deployment: Deployment) => ({ ...deployment, costs: fixedCosts(deployment, 29) });

test("a pull request's comment has the difference of resources and of the cost", () => {
  const comment = pullRequestComment("production", at(plainProduction), at(production));
  expect(comment).toMatch(/^### Stage production: \d+ differences, \+\d+\.\d\d dollars a month$/m);
  expect(comment).toMatch(/^\| Redis \| 46\.72 \| 93\.44 \| \+46\.72 \|$/m);
  expect(comment).toMatch(/^… and \d+ more\.$/m);
  const same = pullRequestComment("production", at(production), at(production));
  expect(same).toContain("### Stage production: 0 differences, +0.00 dollars a month");
  expect(same).not.toContain("| ---");
});
