import type { Alarm } from "./alarm-metrics.ts";
import type { Names } from "./dashboard/aws-rows.ts";
import { awsLine, shopLines } from "./dashboard/metric-lines.ts";

/** DynamoDB's operations on items: an alarm takes ten metrics at the most, so it adds these up and not the tables. */
export const ITEM_OPERATIONS = [
  "BatchGetItem",
  "DeleteItem",
  "GetItem",
  "PutItem",
  "Query",
  "Scan",
  "TransactWriteItems",
  "UpdateItem",
] as const;

/** Alarms on parts that have no room left, or none to do their work. */
export const capacityAlarms = (names: Names): Alarm[] => [
  ...(names.door.kind === "loadBalancer" ? taskAlarms(names.door) : []),
  ...storageAlarms(names),
  ...functionAlarms(names),
];

const taskAlarms = ({
  loadBalancer,
  targetGroup,
  cluster,
  service,
  mostTasks,
}: Extract<Names["door"], { kind: "loadBalancer" }>): Alarm[] => [
  {
    name: "TasksUnhealthy",
    description:
      'A task fails its health check and is not replaced by one that passes: it builds its index, is short of memory, or never becomes healthy. Widget "Tasks".',
    line: awsLine(
      "AWS/ApplicationELB",
      "UnHealthyHostCount",
      { TargetGroup: targetGroup, LoadBalancer: loadBalancer },
      "Maximum",
    ),
    threshold: 0,
    minutes: 10,
    bad: 10,
  },
  ...(mostTasks === undefined
    ? []
    : [
        {
          name: "TasksAtMaximum",
          description:
            'As many tasks run as STAMPEDE_TASKS allows: scaling can\'t add any. (ECS counts a sample of CPU a minute for each task.) Widgets "Tasks", "Tasks: CPU".',
          line: awsLine(
            "AWS/ECS",
            "CPUUtilization",
            { ClusterName: cluster, ServiceName: service },
            "SampleCount",
          ),
          // Also for a task of the next version beside them, in a deployment.
          threshold: mostTasks - 1,
          minutes: 15,
          bad: 10,
        },
      ]),
];

const storageAlarms = ({ namespace, redisNodes }: Names): Alarm[] => {
  const { one } = shopLines(namespace);
  const eachNode = (metric: string, stat: string) =>
    redisNodes.map((node) => awsLine("AWS/ElastiCache", metric, { CacheClusterId: node }, stat));
  return [
    {
      name: "TablesThrottled",
      description:
        'DynamoDB refuses calls, more than one a second: a partition is hot, or a table has not grown yet. Widgets "Throttled", "DynamoDB calls throttled".',
      lines: {
        of: ITEM_OPERATIONS.map((operation) => one("DynamoDBThrottles", "Sum", [operation])),
        by: "SUM",
      },
      threshold: 60,
      minutes: 5,
      bad: 3,
    },
    {
      name: "RedisMemoryFull",
      description:
        'A node of Redis has been over 90 % of its memory for a quarter of an hour: what was read longest ago makes room from now on. Widget "Redis: memory".',
      lines: { of: eachNode("DatabaseMemoryUsagePercentage", "Maximum"), by: "MAX" },
      threshold: 90,
      minutes: 15,
      bad: 15,
    },
    {
      name: "RedisEvicts",
      description:
        'Redis throws out more than a thousand values a minute: products that are read again come from DynamoDB. Widgets "Redis: evictions, connections", "Hit ratio by tier".',
      lines: { of: eachNode("Evictions", "Sum"), by: "SUM" },
      threshold: 1_000,
      minutes: 15,
      bad: 15,
    },
    {
      name: "BusSilent",
      description:
        'A task hears no invalidations, so it asks Redis or DynamoDB for every product. Widget "Invalidation".',
      line: one("CacheBusUp", "Minimum", []),
      when: "below",
      threshold: 1,
      minutes: 5,
      bad: 5,
    },
  ];
};

const functionAlarms = ({ fulfilment, recovery, canary }: Names): Alarm[] => {
  const functions = [fulfilment, recovery, ...(canary === undefined ? [] : [canary])];
  const ofCanary = (metric: string) => awsLine("AWS/Lambda", metric, { FunctionName: canary ?? "" }, "Sum");
  return [
    {
      name: "FunctionsThrottled",
      description:
        'Lambda refuses to run fulfilment, recovery or the canary: the account\'s concurrency is used up. Widget "Errors of functions".',
      lines: {
        of: functions.map((name) => awsLine("AWS/Lambda", "Throttles", { FunctionName: name }, "Sum")),
        by: "SUM",
      },
      threshold: 0,
      minutes: 5,
      bad: 3,
    },
    ...(canary === undefined
      ? []
      : [
          {
            name: "CanaryFails",
            description:
              "The canary can't order from outside, whatever other customers see: its log names the step that fails.",
            line: ofCanary("Errors"),
            threshold: 0,
            minutes: 5,
            bad: 3,
          },
          {
            name: "CanaryNotCalled",
            description:
              "The canary, due every minute, was not called for ten: nobody would notice a shop that no request reaches.",
            line: ofCanary("Invocations"),
            when: "belowOrMissing" as const,
            threshold: 1,
            minutes: 10,
            bad: 10,
          },
        ]),
  ];
};
