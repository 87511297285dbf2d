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

test("grants for every kind of stage are noted, and fit into one policy of a role", () => {
  for (const deployment of [personal, production, preview, functions]) {
    const policy = deployerPolicy("stampede", "production", [deployment]);
    const filled = JSON.stringify(policy)
      .replaceAll("REGION", "ap-southeast-1")
      .replaceAll("ACCOUNT", "1".repeat(12));
    // Inline; IAM counts no white space: "IAM and AWS STS quotas".
    expect(filled.length).toBeLessThanOrEqual(10_240);
    for (const { Action, Resource, Condition } of policy.Statement) {
      for (const action of Action) expect(action).not.toMatch(/^(\*|iam:\*|s3:\*|dynamodb:\*)$/);
      // Requests to global services have us-east-1 for their Region.
      const isGlobal = [...Action].every((action) => /^(iam|route53):/.test(action));
      if (isGlobal) expect(Condition?.StringEquals ?? {}).not.toHaveProperty(["aws:RequestedRegion"]);
      else if (Resource.includes("*"))
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

/** As IAM matches: `*` goes across slashes and colons. */
const isCovered = (arn: string, pattern: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(arn);

test("the policy of previews reaches no state, secret or named resource of production", () => {
  const policy = deployerPolicy("stampede", "pr-*", [preview]);
  // These act on buckets alone, whatever the pattern of a bucket's name matches.
  const isOfBuckets = (actions: Iterable<string>) =>
    [...actions].every((action) => /^s3:(ListBucket|GetBucket)/.test(action));
  const patterns = policy.Statement.filter(({ Action }) => !isOfBuckets(Action))
    .flatMap(({ Resource }) => Resource)
    .filter((arn) => arn !== "*");
  const named = production.resources.flatMap(({ inputs }) => {
    const { name, namePrefix, family, replicationGroupId } = inputs as Record<string, unknown>;
    return [name, family, replicationGroupId, namePrefix && `${namePrefix}1`];
  });
  const names = named.filter((name): name is string => /^[^/]+-production-/.test(String(name)));
  expect(names.length).toBeGreaterThan(20);
  const kinds = ["iam::1:role/", "lambda:r:1:function:", "dynamodb:r:1:table/", "sns:r:1:", "sqs:r:1:"];
  kinds.push(
    "secretsmanager:r:1:secret:",
    "ecs:r:1:cluster/",
    "ecs:r:1:service/",
    "ecs:r:1:task-definition/",
  );
  kinds.push("elasticache:r:1:replicationgroup:", "scheduler:r:1:schedule/default/", "cloudwatch:r:1:alarm:");
  const arns = [
    ...kinds.flatMap((kind) => names.map((name) => `arn:aws:${kind}${name}`)),
    ...["app", "lock", "secret", "eventlog"].map(
      (kind) => `arn:aws:s3:::sst-state-x/${kind}/stampede/production.json`,
    ),
    "arn:aws:s3:::sst-state-x/snapshot/stampede/production/1.json",
    "arn:aws:ssm:r:1:parameter/sst/passphrase/stampede/production",
    "arn:aws:ssm:r:1:parameter/stampede/production",
  ];
  const filled = patterns.map((pattern) =>
    pattern.replace("REGION", "r").replace("ACCOUNT", "1").replace("SHARED", "staging"),
  );
  for (const arn of arns)
    expect(
      filled.filter((pattern) => isCovered(arn, pattern)),
      arn,
    ).toEqual([]);
  const own = arns.map((arn) => arn.replace("production", "pr-17"));
  for (const arn of own.filter((arn) => /:(s3|ssm|iam|lambda|dynamodb):/.test(arn)))
    expect(
      filled.some((pattern) => isCovered(arn, pattern)),
      arn,
    ).toBe(true);
  expect(filled).toContain("arn:aws:secretsmanager:r:1:secret:stampede-staging-CacheProxySecret-*");
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
