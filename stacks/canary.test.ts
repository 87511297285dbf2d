import { beforeAll, expect, test } from "vitest";
import { ITEM_OPERATIONS } from "./capacity-alarms.ts";
import { readSettings } from "./settings.ts";
import { ACTIONS } from "./testing/needs.ts";
import { DEPLOYED, type Deployment, statementsOf, synthesized } from "./testing/stages.ts";

let production: Deployment;
let deployments: Deployment[];
beforeAll(async () => {
  deployments = await Promise.all(DEPLOYED.map(synthesized));
  production = await synthesized("production");
});

test("the canary calls the public address every minute, from outside of the network, and may touch no table", async () => {
  expect(production.one("Schedule", "CanarySchedule").inputs).toMatchObject({
    scheduleExpression: "rate(1 minute)",
    target: { retryPolicy: { maximumRetryAttempts: 0 } },
  });
  expect(production.one("FunctionEventInvokeConfig").inputs).toMatchObject({ maximumRetryAttempts: 0 });
  const { inputs } = production.one("Function", "CanaryHandlerFunction");
  expect(inputs.environment.variables.CANARY_URL).toBe("https://shop.example/");
  expect(inputs.environment.variables).toMatchObject({ CANARY_ORDERS: "true", CANARY_PRODUCT: "" });
  const { inputs: trial } = (await synthesized("trial")).one("Function", "CanaryHandlerFunction");
  expect(trial.environment.variables.CANARY_PRODUCT).toBe("7");
  expect(inputs.handler).toBe("functions/workers/canary.handler");
  expect(inputs.vpcConfig).toBeUndefined();
  expect(inputs.timeout).toBeLessThan(60);
  expect(statementsOf(production.one("Role", "CanaryHandlerRole"))).toEqual([]);
});

test.each([
  [{ STAMPEDE_CANARY_PRODUCT: "7" }, "STAMPEDE_CANARY_PRODUCT needs STAMPEDE_CANARY=on"],
  [
    { STAMPEDE_CANARY: "on", STAMPEDE_CANARY_PRODUCT: "SKU-7" },
    "STAMPEDE_CANARY_PRODUCT must be a whole number from 1",
  ],
])("%j is refused", (env, message) => {
  expect(() => readSettings("alice", env)).toThrow(message);
});

test("an alarm that adds metrics up stays within CloudWatch's ten", () => {
  for (const deployment of deployments) {
    for (const { name, inputs } of deployment.ofType("MetricAlarm")) {
      const metrics = (inputs.metricQueries ?? []).filter(({ metric }: { metric?: object }) => metric);
      expect(metrics.length, name).toBeLessThanOrEqual(10);
      if (inputs.metricName === undefined) expect(metrics.length, name).toBeGreaterThan(0);
    }
  }
});

test("the alarm on throttling adds up every operation on items", () => {
  const asked = Object.values(ACTIONS).filter((action) => action !== "DescribeTable");
  expect(ITEM_OPERATIONS).toEqual([...asked, "TransactWriteItems"].toSorted());
});

test("scaling is at its maximum when as many tasks run as the setting allows", () => {
  const { inputs } = production.one("MetricAlarm", "TasksAtMaximumAlarm");
  const { maxCapacity } = production.one("appautoscaling/target:Target").inputs;
  expect(inputs).toMatchObject({ statistic: "SampleCount", threshold: maxCapacity - 1, period: 60 });
});
