import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Shop } from "../shop.ts";
import { bucketsOf, unfinishedQuery } from "./unfinished.ts";

/** Orders that were confirmed longer ago than the stream has for them, and are not fulfilled. */
const overdueQuery = (shop: Shop, bucket: number) => {
  const { ExpressionAttributeValues, ...query } = unfinishedQuery(shop, bucket);
  return {
    ...query,
    FilterExpression: "updated_at <= :confirmed",
    ExpressionAttributeValues: {
      ...ExpressionAttributeValues,
      ":confirmed": new Date(shop.now() - shop.config.fulfilment.grace).toISOString(),
    },
  };
};

/**
 * How many paid orders are overdue, set aside or not. Of each bucket DynamoDB's page of 1 MB is counted: beyond
 * those ten thousand orders the number no longer matters.
 */
export const countOverdue = async (shop: Shop): Promise<number> => {
  const counts = await Promise.all(
    bucketsOf("fulfilment").map(async (bucket) => {
      const query = new QueryCommand({ ...overdueQuery(shop, bucket), Select: "COUNT" });
      return (await shop.db.send(query)).Count ?? 0;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
};

/** The ids of all paid orders that are overdue. */
export const readOverdue = async (shop: Shop): Promise<string[]> => {
  const orderIds: string[] = [];
  for (const bucket of bucketsOf("fulfilment")) {
    let start: Record<string, unknown> | undefined;
    do {
      const query = { ...overdueQuery(shop, bucket), ...(start && { ExclusiveStartKey: start }) };
      const { Items = [], LastEvaluatedKey } = await shop.db.send(new QueryCommand(query));
      orderIds.push(...Items.map(({ order_id }) => order_id as string));
      start = LastEvaluatedKey;
    } while (start);
  }
  return orderIds;
};
