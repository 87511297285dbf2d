import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { isDomainError } from "../../core/errors.ts";
import { setAside } from "../../core/order/dead-letters.ts";
import { fulfilOrder } from "../../core/order/fulfilment.ts";
import type { Shop } from "../../core/shop.ts";
import { background } from "../middleware/background.ts";

/** Records worked on at a time; each is a read and a transaction. */
const PARALLEL = 8;

/**
 * Fulfils the orders that a batch of the orders stream shows as newly confirmed.
 *
 * What may work later is reported as a failed item, and the stream hands it out again; what never can is
 * set aside, so that it holds up no other. Records may come twice: fulfilling again changes nothing.
 */
export const handler = background<DynamoDBStreamEvent, DynamoDBBatchResponse>(async ({ Records }, shop) => {
  const failed: string[] = [];
  for (let start = 0; start < Records.length; start += PARALLEL) {
    const batch = Records.slice(start, start + PARALLEL);
    const outcomes = await Promise.all(batch.map((record) => isDone(shop, record)));
    failed.push(...batch.filter((_, index) => !outcomes[index]).map(sequenceNumberOf));
  }
  if (failed.length > 0) shop.metrics.add("FulfilmentRetries", failed.length);
  return {
    batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })),
  };
});

const sequenceNumberOf = ({ dynamodb }: DynamoDBRecord): string => dynamodb?.SequenceNumber ?? "";

const isNewlyConfirmed = ({ dynamodb }: DynamoDBRecord): boolean =>
  dynamodb?.NewImage?.status?.S === "confirmed" && dynamodb.OldImage?.status?.S !== "confirmed";

/** Whether the record needs no further attempt. */
const isDone = async (shop: Shop, record: DynamoDBRecord): Promise<boolean> => {
  try {
    if (!isNewlyConfirmed(record)) return true;
    const orderId = record.dynamodb?.Keys?.order_id?.S;
    if (!orderId) throw new Error("The record names no order");
    await fulfilOrder(shop, orderId);
    return true;
  } catch (error) {
    if (isDomainError(error)) {
      shop.log.warn("fulfilment will be tried again", {
        sequence_number: sequenceNumberOf(record),
        error,
      });
      return false;
    }
    return isSetAside(shop, record, error as Error);
  }
};

const isSetAside = async (shop: Shop, record: DynamoDBRecord, reason: Error): Promise<boolean> => {
  try {
    await setAside(
      shop,
      record.eventID ?? sequenceNumberOf(record),
      record,
      `${reason.name}: ${reason.message}`,
    );
    return true;
  } catch (error) {
    shop.log.error("a stream record could not be set aside", error as Error);
    return false;
  }
};
