import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { ConfiguredRetryStrategy } from "@smithy/core/retry";
import type { Config } from "../config.ts";
import { currentRequest } from "../request-scope.ts";
import type { MetricRecorder } from "../telemetry/recorder.ts";
import { isRefusedCondition, translateStorageError } from "./storage-error.ts";

/** The DynamoDB document API as the shop uses it: measured, and bound by the request's deadline. */
export interface Database extends Pick<DynamoDBDocumentClient, "send"> {
  /** How the last call went: `up` when DynamoDB answered it, whatever the answer. */
  readonly health: () => "up" | "down" | "unknown";
}

const RETRY_BASE_MS = 25;

/** Exponential backoff with full jitter: random between 0 and base * 2^attempt. */
const fullJitter = (attempt: number): number => Math.random() * RETRY_BASE_MS * 2 ** attempt;

/**
 * DynamoDB elsewhere than on AWS checks no credentials but the SDK insists on some. With an AWS endpoint,
 * or when the environment has credentials of its own, the SDK's own provider chain decides.
 */
const placeholderCredentials = (endpoint: string | undefined) =>
  endpoint && !process.env.AWS_ACCESS_KEY_ID && !new URL(endpoint).hostname.endsWith(".amazonaws.com")
    ? { credentials: { accessKeyId: "local", secretAccessKey: "local" } }
    : {};

export const dynamodbClientSettings = ({ endpoint, region }: Config["dynamodb"]) => ({
  region,
  ...(endpoint && { endpoint }),
  ...placeholderCredentials(endpoint),
});

/**
 * Opens the storage adapter.
 *
 * Calls reject with a `DomainError` (`STORAGE_UNAVAILABLE`, `DEADLINE_EXCEEDED`) when DynamoDB fails or
 * the request's time is up, and with the SDK's own exception when a condition was refused.
 */
export const openDatabase = (config: Config, metrics: MetricRecorder): Database => {
  const client = new DynamoDBClient({
    ...dynamodbClientSettings(config.dynamodb),
    retryStrategy: new ConfiguredRetryStrategy(config.dynamodb.maxAttempts, fullJitter),
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: config.dynamodb.requestTimeout,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: 128 },
      httpsAgent: { maxSockets: 128 },
    },
  });
  let health: ReturnType<Database["health"]> = "unknown";
  client.middlewareStack.add(
    (next, { commandName = "Unknown" }) =>
      async (args) => {
        const operation = commandName.replace(/Command$/, "");
        const startedAt = performance.now();
        metrics.add("DynamoDBCalls", 1, operation);
        try {
          const output = await next(args);
          health = "up";
          return output;
        } catch (error) {
          health = isRefusedCondition(error) ? "up" : "down";
          if (health === "down") metrics.add("DynamoDBErrors", 1, operation);
          throw translateStorageError(error, currentRequest()?.signal);
        } finally {
          metrics.observe("DynamoDBLatency", performance.now() - startedAt, operation);
        }
      },
    { step: "initialize", name: "measureAndTranslate" },
  );
  const documents = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });

  const send = (command: never, options: object = {}) => {
    const signal = currentRequest()?.signal;
    return documents.send(command, {
      ...(signal && { abortSignal: signal }),
      ...options,
    });
  };
  return { send: send as Database["send"], health: () => health };
};
