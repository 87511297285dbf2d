import { sideOf, watched } from "./alarm-metrics.ts";
import { causeAlarms, UNCALLED, uncalledQueries } from "./alarms.ts";
import {
  BURN_RATES,
  type Burn,
  burnName,
  burnThreshold,
  type Door,
  loadBalancerDoor,
  type Objective,
  windowQueries,
} from "./burn-rates.ts";
import { capacityAlarms } from "./capacity-alarms.ts";
import type { Names } from "./dashboard/aws-rows.ts";
import { dashboards } from "./dashboard/board.ts";
import { NO_NAMES } from "./dashboard/shown-metrics.ts";
import { named, settings } from "./stage.ts";
import { watchedNames } from "./watched.ts";

/** Names don't depend on what is deployed, so that the resources are known before it is. */
const placeholder: Names = {
  ...NO_NAMES,
  door:
    settings.api === "container"
      ? { kind: "loadBalancer", loadBalancer: "", targetGroup: "", cluster: "", service: "", mostTasks: 0 }
      : { kind: "httpApi", api: "" },
  ...(settings.canary && { canary: "" }),
};

const alarmsOf = (names: Names) => [...causeAlarms(names), ...capacityAlarms(names)];

/**
 * Without a key. A message says which alarm went off, and of no customer anything; SNS's own key would keep
 * CloudWatch out, which may not use it, so that no alarm arrived; and a key of ours costs a dollar a month a
 * stage, and is one more thing whose policy can silence them.
 */
const openTopic = () => {
  const { arn } = new sst.aws.SnsTopic("Alarms");
  if (settings.alarmEmail) {
    new aws.sns.TopicSubscription("AlarmEmail", {
      topic: arn,
      protocol: "email",
      endpoint: settings.alarmEmail,
    });
  }
  return arn;
};

const drawDashboards = (names: $util.Output<Names>): void => {
  for (const name of Object.keys(dashboards(placeholder)) as (keyof ReturnType<typeof dashboards>)[]) {
    new aws.cloudwatch.Dashboard(`${name}Dashboard`, {
      dashboardName: named(name),
      dashboardBody: names.apply((known) => JSON.stringify(dashboards(known)[name])),
    });
  }
};

/** The message that an alarm sends has its description, so that a reader finds the page at once. */
const withRunbook = (name: string, description: string): string =>
  `${description} Runbook: docs/runbooks/${name}.md`;

const watchCause = (names: $util.Output<Names>, topic: $util.Output<string>, name: string): void => {
  const alarm = names.apply((known) => {
    const found = alarmsOf(known).find((candidate) => candidate.name === name);
    if (!found) throw new Error(`There is no alarm ${name}`);
    const { description, minutes, bad, threshold } = found;
    return { description, minutes, bad, threshold, ...sideOf(found), ...watched(found) };
  });
  // Undefined where the alarm has not got it, which Pulumi takes for "not given", but not its types.
  const given = <T>(value: $util.Output<T | undefined> | undefined) => value as $util.Output<T>;
  new aws.cloudwatch.MetricAlarm(`${name.replaceAll("-", "")}Alarm`, {
    name: named(name),
    alarmDescription: alarm.description.apply((text) => withRunbook(name, text)),
    namespace: given(alarm.namespace),
    metricName: given(alarm.metricName),
    dimensions: given(alarm.dimensions),
    statistic: given(alarm.statistic),
    extendedStatistic: given(alarm.extendedStatistic),
    period: given(alarm.period),
    metricQueries: given(alarm.metricQueries),
    evaluationPeriods: alarm.minutes,
    datapointsToAlarm: alarm.bad,
    threshold: alarm.threshold,
    comparisonOperator: alarm.comparisonOperator,
    treatMissingData: alarm.treatMissingData,
    alarmActions: [topic],
    okActions: [topic],
  });
};

const watchStreamIsRead = (names: $util.Output<Names>, topic: $util.Output<string>): void => {
  new aws.cloudwatch.MetricAlarm(`${UNCALLED.name}Alarm`, {
    name: named(UNCALLED.name),
    alarmDescription: withRunbook(UNCALLED.name, UNCALLED.description),
    metricQueries: names.apply(uncalledQueries),
    evaluationPeriods: UNCALLED.windows,
    datapointsToAlarm: UNCALLED.bad,
    threshold: 0,
    comparisonOperator: "GreaterThanThreshold",
    treatMissingData: "notBreaching",
    alarmActions: [topic],
    okActions: [topic],
  });
};

const doorOf = ({ door }: Names): Door =>
  door.kind === "loadBalancer"
    ? loadBalancerDoor(door.loadBalancer)
    : {
        namespace: "AWS/ApiGateway",
        dimensions: { ApiId: door.api },
        requests: "Count",
        errors: ["5xx"],
        unreached: [],
        latency: "Latency",
        latencyUnits: 1_000,
      };

/** Goes off when both windows spend the budget too fast; the windows themselves tell nobody. */
const watchBudget = (
  names: $util.Output<Names>,
  topic: $util.Output<string>,
  objective: Objective,
  burn: Burn,
): void => {
  const { longMinutes, shortMinutes, rate } = BURN_RATES[burn];
  const name = burnName(objective, burn);
  const windows = { Long: longMinutes, Short: shortMinutes };
  const alarms = Object.entries(windows).map(
    ([length, minutes]) =>
      new aws.cloudwatch.MetricAlarm(`${name}${length}`, {
        name: named(`${name}-${length}`),
        alarmDescription: `${minutes} minutes of ${name}`,
        metricQueries: names.apply((known) => windowQueries(doorOf(known), objective, minutes)),
        evaluationPeriods: 1,
        threshold: burnThreshold(objective, burn),
        comparisonOperator: "GreaterThanThreshold",
        treatMissingData: "notBreaching",
      }),
  );
  new aws.cloudwatch.CompositeAlarm(`${name}Alarm`, {
    alarmName: named(name),
    alarmDescription: withRunbook(
      name,
      `The ${objective} objective's error budget is spent ${rate} times too fast, in the last ${longMinutes} minutes and in the last ${shortMinutes}.`,
    ),
    alarmRule: $resolve(alarms.map((alarm) => alarm.name)).apply((rules) =>
      rules.map((rule) => `ALARM("${rule}")`).join(" AND "),
    ),
    alarmActions: [topic],
    okActions: [topic],
  });
};

const watch = (): void => {
  const names = watchedNames();
  const topic = openTopic();
  drawDashboards(names);
  for (const { name } of alarmsOf(placeholder)) watchCause(names, topic, name);
  watchStreamIsRead(names, topic);
  for (const objective of ["availability", "latency"] as const) {
    for (const burn of ["fast", "slow"] as const) watchBudget(names, topic, objective, burn);
  }
};

// In `sst dev` there is nothing deployed to watch.
if (!$dev) watch();
