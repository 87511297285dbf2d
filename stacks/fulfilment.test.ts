import type { DynamoDBRecord } from "aws-lambda";
import { beforeAll, expect, test } from "vitest";
import { handler as fulfil } from "../functions/workers/fulfil-orders.ts";
import { type Deployment, synthesized } from "./testing/stages.ts";

let personal: Deployment;
beforeAll(async () => {
  personal = await synthesized("personal");
});

const subscription = () => personal.one("EventSourceMapping").inputs;

test("fulfilment hangs on the orders' stream, from its beginning, with retries and an end to them", () => {
  expect(subscription()).toMatchObject({
    eventSourceArn: expect.stringContaining("table/OrdersTable/stream/"),
    startingPosition: "TRIM_HORIZON",
    batchSize: 100,
    parallelizationFactor: 2,
    bisectBatchOnFunctionError: true,
    functionResponseTypes: ["ReportBatchItemFailures"],
    maximumRetryAttempts: -1, // Without end, but for the age.
    maximumRecordAgeInSeconds: 43_200,
    destinationConfig: { onFailure: { destinationArn: expect.stringContaining("FulfilmentFailuresQueue") } },
  });
  // Twelve of the stream's 24 hours are left to have a record processed again; the queue keeps the note longer.
  expect(personal.one("sqs/queue:Queue").inputs.messageRetentionSeconds).toBeGreaterThan(24 * 3_600);
});

type Pattern = { readonly [key: string]: Pattern | readonly string[] };

/** How Lambda matches a record with a filter: every field one of the listed values. */
const matches = (pattern: Pattern, value: unknown): boolean =>
  Object.entries(pattern).every(([key, wanted]) => {
    const actual = (value as Record<string, unknown> | undefined)?.[key];
    return Array.isArray(wanted) ? wanted.includes(actual as string) : matches(wanted as Pattern, actual);
  });

const isLetThrough = (record: DynamoDBRecord): boolean =>
  subscription().filterCriteria.filters.some(({ pattern }: { pattern: string }) =>
    matches(JSON.parse(pattern) as Pattern, record),
  );

const record = (eventName: "INSERT" | "MODIFY" | "REMOVE", status?: string): DynamoDBRecord => ({
  eventID: `filter-${eventName}-${status}`,
  eventName,
  dynamodb: {
    SequenceNumber: `${eventName}-${status}`,
    Keys: { order_id: { S: "ORD-of-no-shop" } },
    ...(status && { NewImage: { status: { S: status } } }),
  },
});

test("the filter lets through what the handler acts on, and nothing else", async () => {
  expect(isLetThrough(record("MODIFY", "confirmed"))).toBe(true);
  expect(isLetThrough(record("INSERT", "confirmed"))).toBe(true);
  const others = [
    ...["pending_payment", "fulfilled", "payment_failed", "cancelled"].flatMap((status) => [
      record("INSERT", status),
      record("MODIFY", status),
    ]),
    record("REMOVE"),
  ];
  expect(others.filter(isLetThrough)).toEqual([]);
  // The handler would have ignored the records that it keeps out.
  const { batchItemFailures } = await fulfil({ Records: others }, { awsRequestId: "filter" } as never);
  expect(batchItemFailures).toEqual([]);
});

test("recovery runs every minute, for less than one, and the next minute is its retry", () => {
  const { inputs } = personal.one("Schedule");
  expect(inputs).toMatchObject({
    scheduleExpression: "rate(1 minute)",
    state: "ENABLED",
    target: { retryPolicy: { maximumRetryAttempts: 0 } },
  });
  const handler = personal.one("Function", "RecoveryHandlerFunction").inputs;
  expect(handler).toMatchObject({ handler: "functions/workers/recover-payments.handler", timeout: 55 });
});

test("both are the handler files that the local launcher calls", () => {
  expect(personal.ofType("Function").map(({ inputs }) => inputs.handler)).toEqual([
    "functions/workers/fulfil-orders.handler",
    "functions/workers/recover-payments.handler",
  ]);
});
