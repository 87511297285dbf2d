import { setTimeout as pause } from "node:timers/promises";
import type { MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import type { Shop } from "../../core/shop.ts";

/** How long an answer waits for Redis at the most, in milliseconds: it connects in less, or is away. */
const PATIENCE_MS = 1_000;

/** Kept back from the invocation's end, in milliseconds, for the answer. */
const TIME_TO_ANSWER = 30;

/**
 * Tells Redis what there is to tell before an invocation ends, where nothing would afterwards: a Lambda is
 * frozen between invocations, and a tombstone that its new connection did not take yet would stay untold,
 * and others go on reading the older version. Elsewhere that goes on in the background.
 */
export const settleCache = (shop: () => Shop): Required<Pick<MiddlewareObj, "after" | "onError">> => {
  const settle = async ({ context }: { context: Context }): Promise<void> => {
    if (!process.env.AWS_LAMBDA_FUNCTION_NAME) return;
    const left = Math.min(PATIENCE_MS, context.getRemainingTimeInMillis() - TIME_TO_ANSWER);
    const giveUp = new AbortController();
    const patience = pause(left, undefined, { signal: giveUp.signal }).catch(() => undefined);
    await Promise.race([shop().products.cache.settled(), patience]);
    giveUp.abort();
  };
  return { after: settle, onError: settle };
};
