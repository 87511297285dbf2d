import { randomUUID } from "node:crypto";
import type { ScheduledEvent } from "aws-lambda";
import { contextOf } from "../http/event.ts";
import type { BackgroundHandler } from "../middleware/background.ts";

const INVOCATION_MS = 60_000;

/**
 * Runs a scheduled handler every `intervalMs` milliseconds, one run at a time, as a schedule on AWS would.
 *
 * @returns stops it, after the run at hand
 */
export const startSchedule = (
  handler: BackgroundHandler<ScheduledEvent, unknown>,
  intervalMs: number,
): (() => Promise<void>) => {
  let running: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    running ??= handler(scheduledEvent(), contextOf(randomUUID(), INVOCATION_MS))
      .catch(() => undefined) // The handler's middleware has logged it, and the next run comes.
      .finally(() => {
        running = undefined;
      });
  }, intervalMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
};

const scheduledEvent = (): ScheduledEvent => ({
  id: randomUUID(),
  version: "0",
  account: "000000000000",
  time: new Date().toISOString(),
  region: "local",
  resources: [],
  source: "aws.events",
  "detail-type": "Scheduled Event",
  detail: {},
});
