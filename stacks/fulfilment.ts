import { shopFunction } from "./shop-function.ts";
import { sizes } from "./stage.ts";
import { tables } from "./storage.ts";

const HOUR = 3_600;

/** Where the stream says which records were given up: the handler itself sets aside what can never work. */
export const failures = new sst.aws.Queue("FulfilmentFailures", {
  transform: { queue: { sqsManagedSseEnabled: true, messageRetentionSeconds: 14 * 24 * HOUR } },
});

/** The records that the handler acts on; the others would cost an invocation each for nothing. */
const CONFIRMED = {
  eventName: ["INSERT", "MODIFY"],
  dynamodb: { NewImage: { status: { S: ["confirmed"] } } },
};

export const fulfilment = tables.orders.subscribe(
  "Fulfilment",
  shopFunction({
    principal: "fulfilment",
    charges: false,
    handler: "functions/workers/fulfil-orders.handler",
    timeout: "60 seconds",
    permissions: [{ actions: ["sqs:SendMessage"], resources: [failures.arn] }],
  }),
  {
    filters: [CONFIRMED],
    transform: {
      eventSourceMapping: {
        // Orders confirmed between the creation of the table and that of the subscription count too.
        startingPosition: "TRIM_HORIZON",
        batchSize: 100,
        maximumBatchingWindowInSeconds: 0,
        parallelizationFactor: sizes.streamParallelism,
        bisectBatchOnFunctionError: true,
        functionResponseTypes: ["ReportBatchItemFailures"],
        // A failure here may be temporary. The stream keeps records for 24 hours: half of them for retries,
        // the other half for a person to have them processed again. Only time ends the retries: any number of
        // them, AWS's greatest too, may be spent before.
        maximumRetryAttempts: -1,
        maximumRecordAgeInSeconds: 12 * HOUR,
        destinationConfig: { onFailure: { destinationArn: failures.arn } },
      },
    },
  },
);

export const recovery = new sst.aws.CronV2("Recovery", {
  schedule: "rate(1 minute)",
  function: shopFunction({
    principal: "recovery",
    charges: true,
    handler: "functions/workers/recover-payments.handler",
    timeout: "55 seconds",
  }),
  // The next minute brings the next run.
  retries: 0,
});
