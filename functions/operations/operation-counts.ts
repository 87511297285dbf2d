import type { Shop } from "../../core/shop.ts";

const READS = ["GetItem", "BatchGetItem", "Query", "Scan"];
const WRITES = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"];

/** What this process has done since it started, from the totals of its metrics. */
export const countOperations = ({ metrics }: Shop) => {
  const calls = (operations: string[]): number =>
    metrics.total("DynamoDBCalls", (operation) => operations.includes(operation));
  const requests = metrics.total("Requests");
  const reads = metrics.total("Requests", (route) => route.startsWith("GET "));
  return {
    requests_processed: requests,
    read_operations: reads,
    write_operations: requests - reads,
    dynamodb_reads: calls(READS),
    dynamodb_writes: calls(WRITES),
  };
};
