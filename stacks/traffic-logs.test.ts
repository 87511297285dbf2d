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

const SHARED = { STAMPEDE_SHARED_VPC: "vpc-0d19d2b8ca2b268a1", STAMPEDE_SHARED_REDIS: "cache" };

const WRONG: [setting: Record<string, string>, message: string][] = [
  [{ STAMPEDE_ACCESS_LOGS: "on" }, 'STAMPEDE_ACCESS_LOGS must be a whole number from 1 to 3650, not "on"'],
  [{ STAMPEDE_ACCESS_LOGS: "0" }, "STAMPEDE_ACCESS_LOGS must be a whole number from 1"],
  [{ STAMPEDE_FLOW_LOGS: "1 week" }, "STAMPEDE_FLOW_LOGS must be a whole number from 1 to 3650"],
  [
    { STAMPEDE_ACCESS_LOGS: "30", STAMPEDE_API: "functions" },
    "STAMPEDE_ACCESS_LOGS needs STAMPEDE_API=container",
  ],
  [{ STAMPEDE_FLOW_LOGS: "30", ...SHARED }, "STAMPEDE_FLOW_LOGS can't log another stage's network"],
];

test.each(WRONG)("%j is refused", (env, message) => {
  expect(() => readSettings("alice", env)).toThrow(message);
});

test("a stage in another's network may have access logs, for the load balancer is its own", () => {
  expect(readSettings("pr-17", { STAMPEDE_ACCESS_LOGS: "3", ...SHARED }).accessLogDays).toBe(3);
});

const policyOf = (deployment: Deployment, name: string) =>
  JSON.parse(deployment.one("BucketPolicy", `${name}Policy`).inputs.policy).Statement;

const ONLY_BY_TLS = {
  Effect: "Deny",
  Action: ["s3:*"],
  Principal: { "*": ["*"] },
  Condition: { Bool: { "aws:SecureTransport": ["false"] } },
};

test("the load balancer logs to a bucket that only load balancers of this account write to", () => {
  const { accessLogs } = production.one("LoadBalancer").inputs;
  expect(accessLogs).toEqual({ bucket: "AccessLogs", enabled: true });
  expect(policyOf(production, "AccessLogs")).toMatchObject([
    {
      Effect: "Allow",
      Action: ["s3:PutObject"],
      Resource: ["arn:aws:s3:::AccessLogs/AWSLogs/123456789012/*"],
      Principal: { Service: ["logdelivery.elasticloadbalancing.amazonaws.com"] },
    },
    ONLY_BY_TLS,
  ]);
});

test("flows are logged to a bucket of their own, by AWS's log delivery for this account", () => {
  const { vpcId, ...flowLog } = production.one("FlowLog").inputs;
  expect(flowLog).toEqual({
    trafficType: "ALL",
    logDestinationType: "s3",
    logDestination: "arn:aws:s3:::FlowLogs",
  });
  expect(vpcId).toBe("VpcVpc-id");
  const ofThisAccount = {
    StringEquals: { "aws:SourceAccount": ["123456789012"] },
    ArnLike: { "aws:SourceArn": ["arn:aws:logs:us-east-1:123456789012:*"] },
  };
  const [write, check, deny] = policyOf(production, "FlowLogs");
  expect(write).toMatchObject({
    Action: ["s3:PutObject"],
    Resource: ["arn:aws:s3:::FlowLogs/AWSLogs/123456789012/*"],
    Principal: { Service: ["delivery.logs.amazonaws.com"] },
    Condition: {
      ...ofThisAccount,
      StringEquals: {
        ...ofThisAccount.StringEquals,
        "s3:x-amz-acl": ["bucket-owner-full-control"],
      },
    },
  });
  expect(check).toMatchObject({
    Action: ["s3:GetBucketAcl", "s3:ListBucket"],
    Resource: ["arn:aws:s3:::FlowLogs"],
    Condition: ofThisAccount,
  });
  expect(deny).toMatchObject(ONLY_BY_TLS);
});

test("a bucket is private, encrypted under S3's own key, and forgets after the days that are set", () => {
  for (const [name, days] of [
    ["AccessLogs", 90],
    ["FlowLogs", 14],
  ] as const) {
    expect(production.one("BucketPublicAccessBlock", `${name}Private`).inputs).toEqual({
      bucket: name,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(production.one("BucketOwnershipControls", `${name}Ownership`).inputs.rule).toEqual({
      objectOwnership: "BucketOwnerEnforced",
    });
    const { rules } = production.one("BucketServerSideEncryptionConfiguration", `${name}Encryption`).inputs;
    expect(rules).toEqual([{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }]);
    expect(production.one("BucketLifecycleConfiguration", `${name}Expiry`).inputs.rules).toMatchObject([
      { status: "Enabled", expiration: { days } },
    ]);
  }
});

test("a personal stage's removal empties its bucket; production's buckets stay", () => {
  const { inputs, retainOnDelete } = trial.one("s3/bucket:Bucket");
  expect(inputs).toEqual({ bucketPrefix: "stampede-erin-alb-logs-", forceDestroy: true });
  expect(retainOnDelete).toBe(false);
  const kept = production.ofType("s3/bucket:Bucket");
  expect(kept).toMatchObject(
    ["alb", "vpc"].map((kind) => ({
      retainOnDelete: true,
      inputs: { bucketPrefix: `stampede-production-${kind}-logs-`, forceDestroy: false },
    })),
  );
  // AWS's limit, with the longest name of a stage.
  expect("stampede-a123456789012345-alb-logs-".length).toBeLessThanOrEqual(37);
});

test("without the settings there are no logs, and nothing to pay for them", () => {
  const costOf = (deployment: Deployment, name: string) =>
    fixedCosts(deployment, 29).find(({ what }) => what === name)?.month;
  expect(personal.ofType("s3/bucket:Bucket")).toEqual([]);
  expect(personal.ofType("FlowLog")).toEqual([]);
  expect(personal.one("LoadBalancer").inputs.accessLogs).toBeUndefined();
  expect(costOf(personal, "Access logs")).toBeUndefined();
  expect(costOf(personal, "Flow logs")).toBeUndefined();
  expect(costOf(production, "Access logs")).toBe(0.023);
  expect(costOf(production, "Flow logs")).toBeCloseTo(0.273);
  expect(costOf(trial, "Flow logs")).toBeUndefined();
});
