import type { ScheduledEvent } from "aws-lambda";
import { type RecoveryReport, recoverPendingOrders } from "../../core/order/recovery.ts";
import { background } from "../middleware/background.ts";

/** Settles the orders whose payment was left open. Runs on a schedule; overlapping runs do no harm. */
export const handler = background<ScheduledEvent, RecoveryReport>(async (_event, shop) => {
  const report = await recoverPendingOrders(shop);
  if (Object.values(report).some((count) => count > 0)) shop.log.info("recovery", { ...report });
  return report;
});
