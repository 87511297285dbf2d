import { url } from "./api.ts";
import { settings, sizes } from "./stage.ts";

/** Calls the shop from outside of its network, by its public address. */
export const canary = settings.canary
  ? new sst.aws.CronV2("Canary", {
      schedule: "rate(1 minute)",
      function: {
        handler: "functions/workers/canary.handler",
        runtime: "nodejs24.x",
        architecture: "arm64",
        memory: "256 MB",
        timeout: "50 seconds",
        // The scheduler's calls are asynchronous: Lambda itself would repeat one that failed, twice.
        retries: 0,
        logging: { retention: sizes.logRetention },
        environment: {
          CANARY_URL: url ?? "",
          CANARY_ORDERS: `${!settings.stripe}`,
          CANARY_PRODUCT: `${settings.canaryProduct ?? ""}`,
        },
        transform: {
          role: {
            assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
          },
        },
      },
      // The next minute brings the next run.
      retries: 0,
    })
  : undefined;
