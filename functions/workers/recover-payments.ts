import type { ScheduledEvent } from "aws-lambda";
import { type RecoveryReport, recoverOrders } from "../../core/order/recovery.ts";
import { background } from "../middleware/background.ts";

/** Milliseconds for what an order begun last takes beside its payment: a few storage calls with their retries. */
const LAST_ORDER_MS = 10_000;

/**
 * Settles the orders whose payment was left open and fulfils those that the stream has not. Runs on a schedule;
 * overlapping runs do no harm.
 *
 * @throws when orders could not be read, after all others are done
 */
export const handler = background<ScheduledEvent, RecoveryReport>(async (_event, shop, context) => {
  const runMs = context.getRemainingTimeInMillis() - shop.config.payment.timeout - LAST_ORDER_MS;
  const report = await recoverOrders(shop, runMs);
  if (Object.values(report).some((count) => count > 0)) shop.log.info("recovery", { ...report });
  if (report.unreadBuckets > 0) throw new Error(`Recovery could not read ${report.unreadBuckets} buckets`);
  return report;
});
