import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { AskRedis, RedisClient } from "../redis/redis-client.ts";
import { defineScripts } from "../redis/redis-scripts.ts";

/** Milliseconds that a turn lasts unless given back: longer than a transaction, shorter than a checkout's objective. */
const TURN = 1_000;
/** Milliseconds after which a process goes without: its transaction may then meet another's, as without Redis. */
const PATIENCE = 1_500;
/** Milliseconds between two attempts, half of it at least. */
const AGAIN = 10;
/** Milliseconds that a process leaves between two turns, so that one that waits comes in between: longer than it waits to ask. */
export const BETWEEN_TURNS = 20;
/** Milliseconds for which a process goes without after Redis has failed. */
const ALONE = 1_000;

export interface Turn {
  readonly counter: string;
  /** Whether no other process that asks writes the counter meanwhile. */
  readonly isHeld: boolean;
  /** Whether another process had it first. */
  readonly hasWaited: boolean;
  readonly giveBack: () => void;
}

/** Waits for this process's turn to write a counter. Never rejects. */
export type TakeTurn = (counter: string) => Promise<Turn>;

/**
 * Has processes that write one counter do so one after another, by a key in Redis. It saves conflicts and decides nothing:
 * DynamoDB's conditions hold with and without it, so a turn that ran out or a Redis that lost it does no harm.
 *
 * @param ask makes a call to Redis, and gives it up in time
 */
export const openTurns = (client: RedisClient, prefix: string, ask: AskRedis): TakeTurn => {
  const scripts = defineScripts(client);
  let aloneUntil = Number.NEGATIVE_INFINITY;

  return async (counter) => {
    const key = `${prefix}turn:{${counter}}`;
    const holder = randomUUID();
    const giveUpAt = performance.now() + PATIENCE;
    // It runs out by itself where Redis does not hear of it.
    const giveBack = () => void scripts.stampedeRelease(key, holder).catch(() => undefined);
    for (let hasWaited = false; ; hasWaited = true) {
      const without: Turn = { counter, isHeld: false, hasWaited, giveBack: () => undefined };
      if (performance.now() < aloneUntil || performance.now() > giveUpAt) return without;
      try {
        const isHeld = (await ask(() => scripts.stampedeAcquire(key, holder, TURN))) === 1;
        if (isHeld) return { counter, isHeld, hasWaited, giveBack };
      } catch {
        giveBack(); // The answer that was lost may have been a yes.
        aloneUntil = performance.now() + ALONE;
        return without;
      }
      await sleep(AGAIN * (0.5 + Math.random()));
    }
  };
};
