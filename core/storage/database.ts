// biome-ignore-all lint/style/noExcessiveLinesPerFile: one call on its way through circuit, retries, bulkhead and metrics
import type { Logger } from "@aws-lambda-powertools/logger";
import {
  type DynamoDBDocumentClient,
  GetCommand,
  type UpdateCommand,
  type UpdateCommandOutput,
} from "@aws-sdk/lib-dynamodb";
import type { Config } from "../config/config.ts";
import { currentRequest, type RequestScope } from "../request-scope.ts";
import { openAttemptTimeout } from "../resilience/attempt-timeout.ts";
import { openGiveUps } from "../resilience/give-ups.ts";
import { NO_OBJECTIVES } from "../resilience/priorities.ts";
import type { Resilience } from "../resilience/resilience.ts";
import { decorrelatedJitter, fullJitter, retrying } from "../resilience/retry.ts";
import type { RetryBudget } from "../resilience/retry-budget.ts";
import { openReturnWait, RETURN_WAIT } from "../resilience/return-wait.ts";
import { type Entrant, NO_WALLS, openRoom } from "../resilience/room.ts";
import type { MetricRecorder } from "../telemetry/recorder.ts";
import { type DocumentCommand, MAX_CONNECTIONS, operationOf } from "./client.ts";
import { openLeanClient } from "./lean/lean-client.ts";
import { openRetryBudgets } from "./retry-budgets.ts";
import { openSdkClient } from "./sdk-client.ts";
import { type FailureKind, isRetryable, kindOf, translateStorageError } from "./storage-error.ts";
import { inStorageSpan } from "./storage-span.ts";

/** The DynamoDB document API as the shop uses it: measured, and bound by the request's deadline. */
export interface Database extends Pick<DynamoDBDocumentClient, "send"> {
  /** Sends an update that does no harm when it is made twice, so that one whose answer got lost is made again. */
  readonly repeat: (command: UpdateCommand, sent?: SentUpdate) => Promise<UpdateCommandOutput>;
  /** How the last call went: `up` when DynamoDB answered it, whatever the answer. */
  readonly health: () => "up" | "down" | "unknown";
  /** Calls that wait for others to end. */
  readonly waiting: () => number;
  /** Closes all connections, for a shop whose work is done in a process that goes on. A server ends with its process. */
  readonly close: () => void;
}

/** The outcome of an update, as far as it is known while it is sent. */
export interface SentUpdate {
  /** Set once an attempt has ended without an answer: from then on the update may have been made. */
  mayBeMade?: boolean;
}

/**
 * Calls under way at a time: about what one process can make work for, 64 calls of 5 ms or 13,000 a second. More would
 * only wait in the database, in its order instead of ours. A call that takes longer than 50 ms, many times DynamoDB's
 * usual latency, does not keep others out.
 */
const ROOM = { places: 64, slowAfter: 50, most: MAX_CONNECTIONS };

const READS: ReadonlySet<string> = new Set(["GetItem", "BatchGetItem", "Query", "Scan"]);
/** Operations that may be made twice: reads, whole items, and transactions, which carry a token of their own. */
const REPEATABLE: ReadonlySet<string> = new Set([...READS, "PutItem", "TransactWriteItems"]);

/** Kinds of failure that say that more calls may be too much. */
const STRAIN: ReadonlySet<FailureKind> = new Set(["outage", "throttled"]);

/**
 * Milliseconds for which a call that meets another transaction is made again, within the request's objective. Each
 * attempt finds the item free or not, whatever the one before found: they are bounded by time, not by number.
 */
const CONFLICT_PATIENCE = 2_000;

/**
 * Milliseconds after the first attempt at which a transaction that is in progress is sent again. The last one triggers
 * DynamoDB's inline recovery. Source: TransactionInProgressException in the DynamoDB API reference.
 */
const IN_PROGRESS_AT = [500, 1_500, 5_000];
/** Milliseconds that a transaction's last attempt gets at the least (same source): all carry one token, so others may get less. */
const TRANSACTION_TIMEOUT = 1_000;

/**
 * Shares of an attempt's whole time after which calls seem to hang, where none is given up early. Nearly all of it for the
 * first of them: it may yet be answered, and slowness is no outage.
 */
const HANGS = { late: 0.25, check: 0.35, first: 0.9 } as const;

/** Milliseconds between two log lines about denied access. */
const COMPLAINT_PAUSE = 60_000;

/** One call over its attempts. Moments by `performance.now()`. */
interface CallUnderWay {
  readonly isRepeatable: boolean;
  readonly budget: RetryBudget;
  readonly startedAt: number;
  readonly conflictsEnd: number;
  /** Before the last attempt at an item in another transaction. */
  wait: number;
}

/** Work of a request in progress goes before everything else; background work is never shed. */
const entrantOf = (request: RequestScope | undefined): Entrant => {
  const { hasAskedStorage, priority = "background", readyAt, signal } = request ?? {};
  return {
    priority: hasAskedStorage ? "operations" : priority,
    since: readyAt ?? performance.now(),
    signal,
  };
};

/** Any answer shows that DynamoDB is there, even one that denies access. */
const rethrowOutage = (error: unknown): void => {
  if (kindOf(error) === "outage") throw error;
};

/**
 * Opens the storage adapter.
 *
 * Calls reject with a `DomainError` (`STORAGE_UNAVAILABLE`, `STORAGE_CONFLICT`, `DEADLINE_EXCEEDED`) when DynamoDB
 * fails, throttles, or the request's time is up, and with the SDK's own exception when a condition was refused, when
 * the call is a defect, and when access is denied.
 */
export const openDatabase = (
  config: Config,
  metrics: MetricRecorder,
  { has, circuits, faults, onCircuit }: Resilience,
  log: Logger,
): Database => {
  const { dynamodb } = config;
  const client = (dynamodb.client === "sdk" ? openSdkClient : openLeanClient)(dynamodb);
  const room = openRoom(has.limits ? ROOM : NO_WALLS, has.limits ? config.objectives : NO_OBJECTIVES);
  const budgets = openRetryBudgets(has.retries ? config.retry : { ...config.retry, budgetRatio: 0 });
  const attemptTimeouts = {
    item: openAttemptTimeout(dynamodb.requestTimeout),
    transaction: openAttemptTimeout(Math.max(TRANSACTION_TIMEOUT, dynamodb.requestTimeout)),
  };
  const returnWait = openReturnWait(circuits.dynamodb);
  const giveUps = openGiveUps();
  onCircuit((service, state) => {
    const reason = "Given up, since no call is answered";
    if (service === "dynamodb" && state === "open") giveUps.giveUpAll(new Error(reason));
  });
  let health: ReturnType<Database["health"]> = "unknown";
  let complainedAt = Number.NEGATIVE_INFINITY;

  /** Counts a failed attempt by its kind, and logs what an operator has to fix. */
  const note = (error: unknown, operation: string, budget: RetryBudget): void => {
    const kind = kindOf(error);
    if (kind === "called off") return;
    budget.note(STRAIN.has(kind));
    health = kind === "outage" || kind === "denied" ? "down" : "up";
    if (kind === "throttled") metrics.add("DynamoDBThrottles", 1, operation);
    if (kind === "conflict") metrics.add("DynamoDBConflicts", 1, operation);
    if (kind === "outage" || kind === "denied" || kind === "defect") {
      metrics.add("DynamoDBErrors", 1, operation);
    }
    if (kind !== "denied" || performance.now() - complainedAt < COMPLAINT_PAUSE) return;
    complainedAt = performance.now();
    const { name, message } = error as Error;
    log.error("DynamoDB denies access: check the credentials and their permissions", {
      error: name,
      message,
    });
  };

  /** Milliseconds to wait before another attempt; undefined when there should be none. */
  const waitBefore = (error: unknown, retries: number, underWay: CallUnderWay) => {
    if (!isRetryable(error, underWay.isRepeatable)) return undefined;
    const kind = kindOf(error);
    const now = performance.now();
    if (kind === "conflict") {
      underWay.wait = decorrelatedJitter(underWay.wait, config.retry);
      if (now + underWay.wait > underWay.conflictsEnd) return undefined;
      // Not out of the budget: a conflict says nothing about how much the database can take.
      metrics.add("Retries", 1, "dynamodb");
      return underWay.wait;
    }
    // By the time that has passed: attempts that got no answer may have come before.
    const dueAt = IN_PROGRESS_AT.map((ms) => underWay.startedAt + ms).find((at) => at > now);
    const isLast = kind === "in progress" ? dueAt === undefined : retries >= dynamodb.maxAttempts - 1;
    if (isLast || !underWay.budget.tryWithdraw()) return undefined;
    metrics.add("Retries", 1, "dynamodb");
    const jitter = fullJitter(retries, config.retry);
    return kind === "in progress" && dueAt !== undefined ? dueAt - now + jitter : jitter;
  };

  const timesOf = (request: RequestScope | undefined) => {
    const startedAt = performance.now();
    const patience = request?.conflictPatience ?? CONFLICT_PATIENCE;
    const objective = config.objectives[request?.priority ?? "background"];
    return {
      startedAt,
      conflictsEnd: Math.min(startedAt + patience, (request?.readyAt ?? startedAt) + objective),
      wait: 0,
    };
  };

  const send = async (command: DocumentCommand, sent?: SentUpdate): Promise<object> => {
    const request = currentRequest();
    const signal = request?.signal;
    const operation = operationOf(command);
    const call = client.prepare(command);
    const isRepeatable = sent !== undefined || REPEATABLE.has(operation);
    const budget = budgets.of(command);
    // A scan may take long while all is well.
    const isQuick = isRepeatable && operation !== "Scan";
    const attemptTimeout = attemptTimeouts[operation === "TransactWriteItems" ? "transaction" : "item"];
    const outcome = sent ?? {};
    let made = 0;
    const attempt = async (): Promise<object> => {
      if (request) request.hasAskedStorage = true;
      metrics.add("DynamoDBCalls", 1, operation);
      const timeout =
        isQuick && budget.isAmple() && room.isSpacious()
          ? attemptTimeout.quick(made)
          : attemptTimeout.longest;
      made += 1;
      const startedAt = performance.now();
      try {
        const fault = faults.before("dynamodb", timeout, signal);
        if (fault) await giveUps.wait(fault);
        const output = await giveUps.wait(call({ timeout, signal }));
        health = "up";
        budget.note(false);
        if (isQuick) attemptTimeout.note(performance.now() - startedAt);
        return output;
      } catch (error) {
        note(error, operation, budget);
        if (kindOf(error) === "outage") outcome.mayBeMade = true;
        throw error;
      } finally {
        metrics.observe("DynamoDBLatency", performance.now() - startedAt, operation);
      }
    };

    const traced = () => inStorageSpan(operation, command, made + 1, attempt);
    budget.deposit();
    const underWay = { isRepeatable, budget, ...timesOf(request) };
    // A place is held by an attempt, not by the wait for the next one.
    const inPlace = () => room.execute(() => circuits.dynamodb.execute(traced), entrantOf(request));
    const back = { priority: request?.priority, until: underWay.startedAt + RETURN_WAIT.patience, signal };
    try {
      return await retrying(
        () => (circuits.dynamodb.admits() ? inPlace() : returnWait.untilBack(back).then(inPlace)),
        (error, retries) => waitBefore(error, retries, underWay),
        signal,
      );
    } catch (error) {
      const mayBeWritten = !READS.has(operation) && outcome.mayBeMade === true;
      throw translateStorageError(error, request, mayBeWritten);
    }
  };

  /** Reads an item that there is not, past room and circuit. */
  const probe = async (): Promise<unknown> => {
    const timeout = dynamodb.requestTimeout;
    await faults.before("dynamodb", timeout);
    const absent = { TableName: dynamodb.tables.idempotency, Key: { idempotency_key: "probe" } };
    return client.prepare(new GetCommand(absent))({ timeout });
  };
  circuits.dynamodb.probeBy(() => probe().catch(rethrowOutage));
  const { requestTimeout } = dynamodb;
  circuits.dynamodb.hangsAfter({
    late: () => HANGS.late * requestTimeout,
    check: HANGS.check * requestTimeout,
    first: HANGS.first * requestTimeout,
  });

  return {
    send: ((command: DocumentCommand) => send(command)) as Database["send"],
    repeat: (command, sent = {}) => send(command, sent) as Promise<UpdateCommandOutput>,
    waiting: room.waiting,
    close: client.close,
    health: () => (circuits.dynamodb.state() === "open" ? "down" : health),
  };
};
