import { expect, test } from "vitest";
import { readConfig } from "../core/config/config.ts";
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
