import type { Shop } from "../../core/shop.ts";

const READS = ["GetItem", "BatchGetItem", "Query", "Scan"];
const WRITES = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"];

/** Operations of this process since it started, from the totals of its metrics. */
export const countOperations = ({ metrics }: Shop) => {
  const calls = (operations: string[]): number =>
    metrics.total("DynamoDBCalls", (operation) => operations.includes(operation));
  return {
    requests_processed: metrics.total("Requests"),
    read_operations: metrics.total("Requests", (route) => route.startsWith("GET ")),
    // A request that no route took is neither.
    write_operations: metrics.total("Requests", (route) => /^(POST|PUT|DELETE) /.test(route)),
    dynamodb_reads: calls(READS),
    dynamodb_writes: calls(WRITES),
  };
};
