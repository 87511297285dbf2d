import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { DEPLOYED, type Deployment, type Resource, synthesized } from "./testing/stages.ts";

const FOLDER = join(import.meta.dirname, "../docs/runbooks");
const PAGES = globSync("*.md", { cwd: FOLDER }).filter((file) => file !== "README.md");
const read = (file: string): string => readFileSync(join(FOLDER, file), "utf8");

let deployments: Deployment[];
beforeAll(async () => {
  deployments = await Promise.all(DEPLOYED.map(synthesized));
});

/** Without the stage: `stampede-alice-DeadLetters` is DeadLetters. */
const shortName = (name: string): string => name.replace(/^stampede-[a-z]+-/, "");

/** The alarms that notify a person, by their names. */
const alarmsOf = (deployment: Deployment): Map<string, Resource["inputs"]> =>
  new Map(
    [...deployment.ofType("CompositeAlarm"), ...deployment.ofType("MetricAlarm")]
      .filter(({ inputs }) => inputs.alarmActions)
      .map(({ inputs }) => [shortName(inputs.alarmName ?? inputs.name), inputs]),
  );

test("there is a page for every alarm, and an alarm for every page", () => {
  expect(PAGES.length).toBeGreaterThan(10);
  const all = new Set(deployments.flatMap((deployment) => [...alarmsOf(deployment).keys()]));
  expect(PAGES.map((file) => basename(file, ".md")).toSorted()).toEqual([...all].toSorted());
});

test("an alarm's description ends with its page", () => {
  for (const deployment of deployments) {
    for (const [name, { alarmDescription }] of alarmsOf(deployment)) {
      expect(alarmDescription).toMatch(new RegExp(`[.)] Runbook: docs/runbooks/${name}\\.md$`));
      expect(alarmDescription.length, "CloudWatch's limit").toBeLessThanOrEqual(1_024);
    }
  }
});

test("a page has meaning, effect, first look, actions and closing", () => {
  for (const file of PAGES) {
    const headings = [...read(file).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings, file).toEqual(["Meaning", "Effect on customers", "First look", "Actions", "Closing"]);
  }
});

/** An alarm's condition, as its page and the index have to state it. */
const conditionOf = (alarm: Resource["inputs"], deployment: Deployment): RegExp => {
  if (alarm.alarmRule) {
    const windows = deployment
      .ofType("MetricAlarm")
      .filter(({ inputs }) => alarm.alarmRule.includes(`"${inputs.name}"`))
      .map(({ inputs: { threshold, metricQueries } }) => {
        const [{ metric }] = metricQueries;
        return `above ${threshold} % over ${metric.period / 60} minutes`;
      });
    expect(windows).toHaveLength(2);
    return new RegExp(windows.join(" and "));
  }
  const { metricName, threshold, datapointsToAlarm: bad, evaluationPeriods: of, period } = alarm;
  const combined = alarm.metricQueries?.at(-1).id === "combined" && alarm.metricQueries[0].metric;
  if (!metricName && !combined) return new RegExp(`in ${bad} of ${of} windows of 15 minutes`);
  expect(combined ? combined.period : period).toBe(60);
  const side = alarm.comparisonOperator === "LessThanThreshold" ? "below" : "above";
  const name = metricName ?? combined.metricName;
  const statistic = alarm.statistic ?? alarm.extendedStatistic ?? combined.stat;
  // The greatest number of tasks is a setting.
  const limit = name === "CPUUtilization" ? "one less than" : threshold.toLocaleString("en");
  return new RegExp(`${name}\`.* \\(${statistic}\\) ${side} ${limit}.* in ${bad} of ${of} minutes`);
};

test("pages and index state the alarm's condition", () => {
  const index = read("README.md");
  for (const deployment of deployments) {
    for (const [name, alarm] of alarmsOf(deployment)) {
      const [, condition = ""] = /^Condition: (.+)\.$/m.exec(read(`${name}.md`)) ?? [];
      expect(condition, name).toMatch(conditionOf(alarm, deployment));
      expect(index).toContain(`[${name}](${name}.md) | ${condition} |`);
    }
  }
});
