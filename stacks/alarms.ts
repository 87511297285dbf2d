import { type Alarm, metricOf } from "./alarm-metrics.ts";
import type { Query } from "./burn-rates.ts";
import type { Names } from "./dashboard/aws-rows.ts";
import { awsLine, type Line, shopLines } from "./dashboard/metric-lines.ts";
import { DEPENDENCIES } from "./dashboard/shop-rows.ts";

const MINUTE_MS = 60_000;

/** The alarms on causes; those on what customers feel are the burn rates. */
export const causeAlarms = ({ namespace, fulfilment, recovery, failures }: Names): Alarm[] => {
  const { one } = shopLines(namespace);
  return [
    ...DEPENDENCIES.map((dependency) => ({
      name: `CircuitOpen-${dependency}`,
      description: `The circuit of ${dependency} is open: calls are refused. Widget "Circuit breakers"; docs/resilience.md says what works without it.`,
      line: one("CircuitState", "Maximum", [dependency]),
      threshold: 0.9,
      minutes: 3,
      bad: 2,
    })),
    {
      name: "FulfilmentLate",
      description: 'Paid orders wait more than a minute to be fulfilled. Widget "Fulfilment age".',
      line: one("FulfilmentAge", "p99", []),
      threshold: MINUTE_MS,
      minutes: 5,
      bad: 3,
    },
    {
      name: "FulfilmentStuck",
      description:
        "Records of the orders stream have waited more than five minutes: fulfilment fails or can't keep up. (If it is not called, nothing measures their age: FulfilmentNotCalled.) Widget \"Age of the stream's records\".",
      line: awsLine("AWS/Lambda", "IteratorAge", { FunctionName: fulfilment }, "Maximum"),
      threshold: 5 * MINUTE_MS,
      minutes: 5,
      bad: 3,
    },
    {
      name: "OrdersUnfulfilled",
      description:
        'Recovery finds a paid order that is not fulfilled ten minutes after its confirmation: the stream has not done it, and recovery fails at it. See the logs of both; once it is mended, recovery goes on by itself, or `npm run redrive` at once. Widget "Fulfilment age".',
      line: one("UnfulfilledAge", "Maximum", []),
      threshold: 10 * MINUTE_MS,
      minutes: 5,
      bad: 3,
    },
    {
      name: "DeadLetters",
      description:
        "An order can't be fulfilled, or a stream record names none: the table DeadLetters says which and why. Once it is mended, `npm run redrive` fulfils it.",
      line: one("DeadLetters", "Sum", []),
      threshold: 0,
      minutes: 1,
      bad: 1,
    },
    {
      name: "FulfilmentGivenUp",
      description:
        "The stream gave records up after twelve hours of retries. Recovery fulfils their orders. The queue FulfilmentFailures says where in the stream the records are, for twelve hours more.",
      line: awsLine("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: failures }, "Maximum"),
      threshold: 0,
      minutes: 1,
      bad: 1,
    },
    {
      name: "PaymentsStuck",
      description:
        'Recovery sees an order that is unpaid 20 minutes after it was placed; it should have cancelled it after 15. Orders accepted by PAYMENT_OUTAGE=accept count from their own limit on, 24 hours. (If it does not run, nobody sees any: RecoveryNotCalled.) Widget "Payments left open".',
      line: one("PendingPaymentAge", "Maximum", []),
      threshold: 20 * MINUTE_MS,
      minutes: 5,
      bad: 3,
    },
    {
      name: "RefundsLate",
      description:
        'A customer is owed a refund for more than an hour: recovery tries again and again, and fails. Widget "Refunds and disputes".',
      line: one("RefundAge", "Maximum", []),
      threshold: 60 * MINUTE_MS,
      minutes: 5,
      bad: 3,
    },
    {
      name: "RefundsRefused",
      description:
        'A refund is refused for good, or was undone: a person has to give the money back. Widget "Refunds and disputes".',
      line: one("RefundsRefused", "Sum", []),
      threshold: 0,
      minutes: 1,
      bad: 1,
    },
    {
      name: "RecoveryFails",
      description: "The recovery function fails, so that open payments stay open. See its log.",
      line: awsLine("AWS/Lambda", "Errors", { FunctionName: recovery }, "Sum"),
      threshold: 0,
      minutes: 5,
      bad: 3,
    },
    {
      name: "RecoveryNotCalled",
      description:
        "Recovery, due every minute, was not called for ten: open payments stay open, and nothing measures them. See the schedule's state and its role.",
      line: awsLine("AWS/Lambda", "Invocations", { FunctionName: recovery }, "Sum"),
      threshold: 1,
      when: "belowOrMissing",
      minutes: 10,
      bad: 10,
    },
  ];
};

/**
 * The alarm on a stream that nobody reads. Fulfilment is called for orders only, so that its silence alone says
 * nothing; silence while orders are confirmed does. An order near the edge of a window is counted in one and
 * fulfilled in the next, hence three windows.
 */
export const UNCALLED = {
  name: "FulfilmentNotCalled",
  description:
    "Orders were confirmed in three of the last four quarters of an hour, and fulfilment was not called once in them: see the state of its event source mapping. (Where orders are rarer, this can't tell.)",
  windowMinutes: 15,
  windows: 4,
  bad: 3,
} as const;

/** The queries of a window; the last gives 1 for one with orders and no call, else 0. */
export const uncalledQueries = ({ namespace, fulfilment }: Names): Query[] => {
  const query = (id: string, line: Line): Query => {
    const { namespace, metricName, dimensions } = metricOf(line);
    const period = UNCALLED.windowMinutes * 60;
    return { id, metric: { namespace, metricName, dimensions, stat: "Sum", period } };
  };
  return [
    query("confirmed", shopLines(namespace).one("OrdersConfirmed", "Sum", [])),
    query("calls", awsLine("AWS/Lambda", "Invocations", { FunctionName: fulfilment }, "Sum")),
    {
      id: "uncalled",
      label: "orders and no call",
      returnData: true,
      expression: "IF(FILL(confirmed, 0) > 0 AND FILL(calls, 0) == 0, 1, 0)",
    },
  ];
};
