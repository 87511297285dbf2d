import { beforeAll, expect, test } from "vitest";
import { BURN_RATES, burnThreshold } from "./burn-rates.ts";
import { DEPLOYED, type Deployment, type Resource, synthesized } from "./testing/stages.ts";

let deployments: Deployment[];
beforeAll(async () => {
  deployments = await Promise.all(DEPLOYED.map(synthesized));
});

test("every alarm notifies someone, or is part of one that does", () => {
  for (const deployment of deployments) {
    const topic = deployment.one("Topic").name;
    const composites = deployment.ofType("CompositeAlarm");
    const isPart = ({ inputs }: Resource) =>
      composites.some(({ inputs: { alarmRule } }) => alarmRule.includes(`"${inputs.name}"`));
    // ECS watches this one, and acts on it.
    const isDeployments = ({ name }: Resource) => name === "DeploymentFailsAlarm";
    const others = deployment
      .ofType("MetricAlarm")
      .filter((alarm) => !isPart(alarm) && !isDeployments(alarm));
    const alarms = [...composites, ...others];
    expect(composites).toHaveLength(4);
    expect(alarms.length).toBeGreaterThan(composites.length + 7);
    for (const { inputs, name } of alarms) {
      expect(inputs.alarmActions, name).toEqual([expect.stringContaining(topic)]);
      expect(inputs.okActions, name).toEqual(inputs.alarmActions);
      expect(inputs.alarmDescription.length, name).toBeGreaterThan(20);
    }
  }
  const emails = deployments.flatMap((deployment) => deployment.ofType("TopicSubscription"));
  expect(emails.map(({ inputs }) => inputs.endpoint)).toEqual(["oncall@shop.example"]);
});

test("recovery that does not run is missed, though what does not run publishes nothing", () => {
  for (const deployment of deployments) {
    const { inputs } = deployment.one("MetricAlarm", "RecoveryNotCalledAlarm");
    expect(inputs).toMatchObject({
      namespace: "AWS/Lambda",
      metricName: "Invocations",
      statistic: "Sum",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      treatMissingData: "breaching",
    });
    expect(inputs.dimensions.FunctionName).toBe(
      deployment.one("Function", "RecoveryHandlerFunction").inputs.name,
    );
    // Several runs are due in that time.
    expect(deployment.one("Schedule", "RecoverySchedule").inputs.scheduleExpression).toBe("rate(1 minute)");
    expect((inputs.datapointsToAlarm * inputs.period) / 60).toBeGreaterThanOrEqual(5);
  }
});

test("a stream that nobody reads is noticed by the orders that come meanwhile", () => {
  for (const deployment of deployments) {
    const { inputs } = deployment.one("MetricAlarm", "FulfilmentNotCalledAlarm");
    const [confirmed, calls, { expression }] = inputs.metricQueries;
    expect(confirmed.metric).toMatchObject({ metricName: "OrdersConfirmed", stat: "Sum" });
    expect(calls.metric).toMatchObject({ metricName: "Invocations", stat: "Sum" });
    expect(calls.metric.dimensions.FunctionName).toBe(
      deployment.one("Function", "OrdersSubscriberFulfilmentFunctionFunction").inputs.name,
    );
    expect(expression).toBe("IF(FILL(confirmed, 0) > 0 AND FILL(calls, 0) == 0, 1, 0)");
    // An order at the edge of a window, counted there and fulfilled in the next, wakes nobody.
    expect(inputs).toMatchObject({ threshold: 0, datapointsToAlarm: 3, evaluationPeriods: 4 });
  }
});

test("an alarm that hears nothing is silent, unless it listens for a sign of life", () => {
  for (const deployment of deployments) {
    const breaching = deployment
      .ofType("MetricAlarm")
      .filter(({ inputs }) => inputs.treatMissingData !== "notBreaching")
      .map(({ name }) => name);
    const isWatchedFromOutside = deployment.app.protect;
    expect(breaching).toEqual([
      ...(isWatchedFromOutside ? ["CanaryNotCalledAlarm"] : []),
      "RecoveryNotCalledAlarm",
    ]);
  }
});

test("budgets are watched by the SRE workbook's windows and rates", () => {
  expect(BURN_RATES).toEqual({
    fast: { rate: 14.4, longMinutes: 60, shortMinutes: 5 },
    slow: { rate: 6, longMinutes: 360, shortMinutes: 30 },
  });
  for (const { rate, longMinutes } of Object.values(BURN_RATES)) {
    const spent = (rate * longMinutes) / (30 * 24 * 60);
    expect([0.02, 0.05]).toContainEqual(expect.closeTo(spent, 5));
  }
  expect(burnThreshold("availability", "fast")).toBeCloseTo(1.44);
  expect(burnThreshold("latency", "slow")).toBeCloseTo(6);
  const alarm = deployments[0]?.one("MetricAlarm", "AvailabilityFastBurnShort").inputs;
  expect(alarm).toMatchObject({ threshold: 1.44, comparisonOperator: "GreaterThanThreshold" });
  expect(alarm.metricQueries.at(-1).expression).toBe(
    "IF(FILL(requests, 0) + FILL(errors1, 0) >= 10, 100 * (FILL(errors0, 0) + FILL(errors1, 0)) / (FILL(requests, 0) + FILL(errors1, 0)), 0)",
  );
});
