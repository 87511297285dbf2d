import { expect, test } from "vitest";
import { readLimits } from "../experiments/limit-counts.ts";
import { endWithTests } from "./end-with-tests.ts";
import { startEngine } from "./engine-and-redis.ts";
import { limitsAsSet, startLimitsAsSet } from "./limits-layer.ts";

test.for([
  [{}, 0.1, "aws", 0.1],
  [{ DYNAMODB_SCALE: "0.5" }, 0.1, "aws", 0.5],
  [{ DYNAMODB_LIMITS: "transactions, brown-out" }, 0.1, "transactions,brown-out", 0.1],
  [{ DYNAMODB_LIMITS: "aws" }, undefined, "aws", 1],
  [{ DYNAMODB_LIMITS: "off" }, 0.1, "", 0.1],
  [{}, undefined, "", 1],
  // A scale alone asks for no limits where there usually are none, as with `npm start`.
  [{ DYNAMODB_SCALE: "0.5" }, undefined, "", 0.5],
] as const)("%o, usually at scale %s", ([environment, usualScale, list, scale]) => {
  const rules = list.replace("aws", "units,partitions,transactions,latency,indexes,streams");
  expect(limitsAsSet(usualScale, environment)).toEqual({ rules: rules.split(",").filter(Boolean), scale });
});

test.for([
  ["DYNAMODB_SCALE", "much"],
  ["DYNAMODB_SCALE", "1001"],
  ["DYNAMODB_LIMITS", "gravity"],
])("names %s=%s", ([name = "", value = ""]) => {
  expect(() => limitsAsSet(0.1, { [name]: value })).toThrow(new RegExp(`${name} .*"${value}"`));
});

test("starts the layer as set, and none where limits are off", async () => {
  const engine = await startEngine();
  endWithTests(engine.stop);
  expect(await startLimitsAsSet(engine, 0.1, { DYNAMODB_LIMITS: "off" })).toBeUndefined();
  const layer = await startLimitsAsSet(engine, 0.1, { DYNAMODB_LIMITS: "units, transactions" });
  endWithTests(async () => layer?.stop());
  expect(await readLimits(layer?.port ?? 0)).toMatchObject({ rules: ["units", "transactions"], scale: 0.1 });
});
