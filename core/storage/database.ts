import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import { bulkhead, type IPolicy, noop } from "cockatiel";
import type { Config } from "../config.ts";
import { currentRequest } from "../request-scope.ts";
import type { Resilience } from "../resilience/resilience.ts";
import { openRetryBudget, retryWhen } from "../resilience/retry.ts";
import type { MetricRecorder } from "../telemetry/recorder.ts";
import { isConflict, isRefusedCondition, isRetryable, translateStorageError } from "./storage-error.ts";

/** The DynamoDB document API as the shop uses it: measured, and bound by the request's deadline. */
export interface Database extends Pick<DynamoDBDocumentClient, "send"> {
  /** How the last call went: `up` when DynamoDB answered it, whatever the answer. */
  readonly health: () => "up" | "down" | "unknown";
  /** Milliseconds for which calls have had to wait for others without a pause; 0 when none does. */
  readonly busyFor: () => number;
}

/**
 * Calls under way, and waiting for one to end: several times what one process can make work for at DynamoDB's
 * usual latency. New requests are refused long before the waiting room is full (see `busyFor`), so that those
 * that have begun can go on to their end.
 */
const MAX_IN_FLIGHT = 128;
const MAX_WAITING = 1_024;

/** Commands that may be made twice: reads, whole items, and transactions, which carry a token of their own. */
const REPEATABLE = new Set<unknown>([
  GetCommand,
  BatchGetCommand,
  QueryCommand,
  ScanCommand,
  PutCommand,
  TransactWriteCommand,
]);

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
export const openDatabase = (
  config: Config,
  metrics: MetricRecorder,
  { isOn, circuits, faults }: Resilience,
): Database => {
  const client = new DynamoDBClient({
    ...dynamodbClientSettings(config.dynamodb),
    // Retries are made in one place, below, where the circuit and the budget see them.
    maxAttempts: 1,
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
          health = isRefusedCondition(error) || isConflict(error) ? "up" : "down";
          if (health === "down") metrics.add("DynamoDBErrors", 1, operation);
          throw error;
        } finally {
          metrics.observe("DynamoDBLatency", performance.now() - startedAt, operation);
        }
      },
    { step: "initialize", name: "measure" },
  );
  const documents = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });

  const budget = openRetryBudget(config.retry);
  const room = bulkhead(MAX_IN_FLIGHT, MAX_WAITING);
  const waitingRoom: IPolicy = isOn ? room : noop;
  const isAnyWaiting = (): boolean => room.queueSlots < MAX_WAITING;
  let lastFree = 0;
  const retryIf = (isRepeatable: boolean): IPolicy => {
    if (!isOn) return noop;
    const isWorthRetrying = (error: unknown) => isRetryable(error, isRepeatable) && budget.tryWithdraw();
    const policy = retryWhen(isWorthRetrying, config.dynamodb.maxAttempts - 1, config.retry);
    policy.onRetry(() => metrics.add("Retries", 1, "dynamodb"));
    // The last attempt's failure is asked about too, though no other follows.
    policy.onGiveUp(() => budget.giveBack());
    return policy;
  };
  const [retryRepeatable, retryOther] = [retryIf(true), retryIf(false)];

  const send = async (command: object, options: object = {}) => {
    const request = currentRequest();
    const signal = request?.signal;
    const attempt = async () => {
      if (request) request.hasAskedStorage = true;
      await faults.before("dynamodb", config.dynamodb.requestTimeout, signal);
      return documents.send(command as never, { ...(signal && { abortSignal: signal }), ...options });
    };
    const policy = REPEATABLE.has(command.constructor) ? retryRepeatable : retryOther;
    budget.deposit();
    if (!isAnyWaiting()) lastFree = performance.now();
    try {
      return await waitingRoom.execute(() =>
        policy.execute(() => circuits.dynamodb.execute(attempt), signal),
      );
    } catch (error) {
      throw translateStorageError(error, request);
    }
  };
  return {
    send: send as Database["send"],
    busyFor: () => (isAnyWaiting() ? performance.now() - lastFree : 0),
    health: () => (circuits.dynamodb.state() === "open" ? "down" : health),
  };
};
