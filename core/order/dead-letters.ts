import { PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Shop } from "../shop.ts";

const TTL_SECONDS = 30 * 24 * 60 * 60;

/** Keeps a stream record that can never be processed where a person can find it. Doing it again changes nothing. */
export const setAside = async (
  shop: Shop,
  recordId: string,
  record: unknown,
  reason: string,
): Promise<void> => {
  await shop.db.send(
    new PutCommand({
      TableName: shop.tables.deadLetters,
      Item: {
        record_id: recordId,
        reason,
        record: JSON.stringify(record),
        at: new Date(shop.now()).toISOString(),
        expires_at: Math.floor(shop.now() / 1000) + TTL_SECONDS,
      },
    }),
  );
  shop.metrics.add("DeadLetters", 1);
  shop.log.error("stream record set aside", { record_id: recordId, reason });
};

/** How many records are set aside, counted up to DynamoDB's page of 1 MB: beyond that the number no longer matters. */
export const countDeadLetters = async (shop: Shop): Promise<number> => {
  const { Count = 0 } = await shop.db.send(
    new ScanCommand({ TableName: shop.tables.deadLetters, Select: "COUNT" }),
  );
  return Count;
};
