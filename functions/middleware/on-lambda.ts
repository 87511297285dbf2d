import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "aws-lambda";
import type { Shop } from "../../core/shop.ts";
import type { EndedRequest } from "./observe.ts";
import { SECURITY_HEADERS } from "./result.ts";
import { scopeOf } from "./scope.ts";

/** How long an answer waits for Redis at the most, in milliseconds: it connects in less, or is away. */
const PATIENCE_MS = 1_000;

/** Kept back from the invocation's end, in milliseconds, for the answer. */
const TIME_TO_ANSWER = 30;

/**
 * Does at the end of an invocation what a server does on its own: tells Redis what there is to tell, because a
 * tombstone that a new connection did not take yet would stay untold and others would read the older version;
 * writes the log and the metrics; and puts on the answer the headers that the server puts on each.
 */
export const finishInvocation = async (
  shop: Shop,
  { event, context, response: result }: EndedRequest,
): Promise<void> => {
  await settleCache(shop, context);
  publish(shop);
  if (!result?.statusCode) return;
  const { requestId } = scopeOf(event, context);
  result.headers = { ...SECURITY_HEADERS, ...result.headers, "x-request-id": requestId };
};

/** Writes the log and the metrics: all that is left to do where no client waits. */
export const publish = ({ accessLog, metrics }: Shop): void => {
  accessLog.flush();
  metrics.publish();
};

const settleCache = async (shop: Shop, context: Context): Promise<void> => {
  const left = Math.min(PATIENCE_MS, context.getRemainingTimeInMillis() - TIME_TO_ANSWER);
  const giveUp = new AbortController();
  const patience = pause(left, undefined, { signal: giveUp.signal }).catch(() => undefined);
  await Promise.race([shop.products.cache.settled(), patience]);
  giveUp.abort();
};
