import { expect, test } from "vitest";
import { readConfig } from "../core/config/config.ts";
import { readSettings } from "./settings.ts";
import type { SynthesisError } from "./synth/synthesize.ts";
import { containerVariables, synthesized } from "./testing/stages.ts";

test("a preview has tables and tasks of its own, and nothing of the network and the Redis that it uses", async () => {
  const preview = await synthesized("preview");
  for (const type of ["Vpc", "Subnet", "VpcEndpoint", "ReplicationGroup", "PrivateDnsNamespace"]) {
    expect(preview.ofType(type), type).toEqual([]);
  }
  const personal = await synthesized("personal");
  expect(preview.ofType("Table")).toHaveLength(personal.ofType("Table").length);
  const { networkConfiguration } = preview.one("ecs/service:Service").inputs;
  expect(networkConfiguration.subnets).toEqual(["subnet-public-1", "subnet-public-2"]);
  expect(preview.app).toMatchObject({ removal: "remove", protect: false });
});

test("a preview's tasks reach the shared Redis with its password", async () => {
  const { redis } = readConfig(containerVariables(await synthesized("preview")));
  expect(redis?.url).toBe("rediss://default:token-of-shared@master.shared.cache.amazonaws.com:6379");
});

const WRONG: [setting: Record<string, string>, message: string][] = [
  [{ STAMPEDE_SHARED_VPC: "vpc-0d19d2b8ca2b268a1" }, "STAMPEDE_SHARED_REDIS belong together"],
  [
    { STAMPEDE_SHARED_VPC: "vpc-x", STAMPEDE_SHARED_REDIS: "Redis_1" },
    'STAMPEDE_SHARED_REDIS must be the id of a replication group of ElastiCache, not "Redis_1"',
  ],
  [
    {
      STAMPEDE_SHARED_VPC: "vpc-0d19d2b8ca2b268a1",
      STAMPEDE_SHARED_REDIS: "cache",
      STAMPEDE_REDIS: "cluster",
    },
    "STAMPEDE_REDIS=cluster needs a Redis of its own",
  ],
];

test.each(WRONG)("%j is refused", (env, message) => {
  expect(() => readSettings("pr-17", env)).toThrow(message);
});

test("production shares nothing", () => {
  const shared = { STAMPEDE_SHARED_VPC: "vpc-0d19d2b8ca2b268a1", STAMPEDE_SHARED_REDIS: "cache" };
  expect(() => readSettings("production", shared)).toThrow("production can't use another stage's network");
});

test("functions that need Stripe are refused in a network without a way out, before anything is created", async () => {
  const refusal = await synthesized("closedIn").catch((error: SynthesisError) => error);
  expect(refusal).toMatchObject({
    message: expect.stringContaining(
      "can't reach Stripe from vpc-0d19d2b8ca2b268a1, which has no NAT gateway",
    ),
    created: [],
  });
});
