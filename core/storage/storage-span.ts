import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { activeSpan, spanning } from "../tracing/span.ts";
import type { DocumentCommand } from "./client.ts";

/** A condition that did not hold is an answer. */
const isRefusedCondition = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException || error instanceof TransactionCanceledException;

const tablesOf = ({ input }: DocumentCommand): string => {
  const { TableName, RequestItems, TransactItems } = input as {
    TableName?: string;
    RequestItems?: object;
    TransactItems?: readonly Readonly<Record<string, { TableName?: string } | undefined>>[];
  };
  if (TableName) return TableName;
  if (RequestItems) return Object.keys(RequestItems).join(",");
  const tables = TransactItems?.flatMap((item) => Object.values(item).map((one) => one?.TableName));
  return [...new Set(tables)].filter((table) => table !== undefined).join(",");
};

/**
 * One call of DynamoDB as a span of the trace that is under way. Names by OpenTelemetry's semantic conventions for
 * DynamoDB.
 */
export const inStorageSpan = <T>(
  operation: string,
  command: DocumentCommand,
  attempt: number,
  call: () => Promise<T>,
): Promise<T> => {
  const parent = activeSpan();
  if (!parent) return call();
  const attributes = {
    "db.system.name": "aws.dynamodb",
    "db.operation.name": operation,
    "aws.dynamodb.table_names": tablesOf(command),
    attempt,
  };
  const span = parent.child(`DynamoDB ${operation}`, "client", attributes);
  return spanning(span, call, (error) => !isRefusedCondition(error));
};
