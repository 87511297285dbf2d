import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { isDomainError } from "../../core/errors.ts";
import { setAside, setOrderAside } from "../../core/order/dead-letters.ts";
import { fulfilOrder, UnfulfillableOrder } from "../../core/order/fulfilment.ts";
import { inOrderTrace } from "../../core/order/order-trace.ts";
import type { Shop } from "../../core/shop.ts";
import { background } from "../middleware/background.ts";

/** Records worked on at a time; each is a read and a transaction. */
const PARALLEL = 8;

/**
 * Fulfils the orders that a batch of the orders stream shows as newly confirmed. Records may come twice:
 * fulfilling again changes nothing.
 *
 * Records that fail for storage's trouble are reported as failed items, and the stream hands them out again.
 * Records that can never be processed are set aside. Any other failure is a defect of ours: the order is left
 * to recovery, which finds it for as long as it is unfulfilled, so that it neither holds up the records
 * behind it nor is lost.
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

/** Recovery finds an order by this; those that an earlier version confirmed lack it. */
const isFindable = ({ dynamodb }: DynamoDBRecord): boolean =>
  dynamodb?.NewImage?.pending_bucket?.N !== undefined;

/** Whether the record needs no further attempt. */
const isDone = async (shop: Shop, record: DynamoDBRecord): Promise<boolean> => {
  if (!isNewlyConfirmed(record)) return true;
  const orderId = record.dynamodb?.Keys?.order_id?.S;
  try {
    if (orderId) {
      const order = { order_id: orderId, traceparent: record.dynamodb?.NewImage?.traceparent?.S };
      await inOrderTrace(shop, "fulfil order", order, () => fulfilOrder(shop, orderId));
    } else
      await setAside(shop, record.eventID ?? sequenceNumberOf(record), "The record names no order", record);
    return true;
  } catch (error) {
    if (orderId && error instanceof UnfulfillableOrder) return isSetAside(shop, orderId, record, error);
    const details = { sequence_number: sequenceNumberOf(record), order_id: orderId, error: error as Error };
    if (isDomainError(error) || !isFindable(record)) {
      shop.log.warn("fulfilment will be tried again", details);
      return false;
    }
    shop.log.error("fulfilment failed and is left to recovery", details);
    return true;
  }
};

const isSetAside = async (
  shop: Shop,
  orderId: string,
  record: DynamoDBRecord,
  { message }: Error,
): Promise<boolean> => {
  try {
    await setOrderAside(shop, orderId, message, record);
    return true;
  } catch (error) {
    shop.log.error("an order could not be set aside", error as Error);
    return false;
  }
};
