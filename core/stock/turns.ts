import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

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

/** Takes what nobody holds. Anything that would be held for longer than a turn lasts is none. */
const TAKE = `
local held, left = redis.pcall('GET', KEYS[1]), redis.call('PTTL', KEYS[1])
if held and left > 0 and left <= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/** Gives back what this holder holds still. */
const GIVE_BACK = `
if redis.pcall('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

export interface Turn {
  /** Whether no other process that asks writes the counter meanwhile. */
  readonly isHeld: boolean;
  /** Whether another process had it first. */
  readonly hasWaited: boolean;
  readonly giveBack: () => void;
}

/** Waits for this process's turn to write a counter. Never rejects. */
export type TakeTurn = (counter: string) => Promise<Turn>;

/** As much of a Redis client as this needs. */
interface ScriptedClient {
  defineCommand(name: string, script: { numberOfKeys: number; lua: string }): void;
}

interface Scripted {
  stampedeTakeTurn(key: string, holder: string, ms: number): Promise<number>;
  stampedeGiveBackTurn(key: string, holder: string): Promise<unknown>;
}

/**
 * Has processes that write one counter do so one after another, by a key in Redis. It saves conflicts and decides nothing:
 * DynamoDB's conditions hold with and without it, so a turn that ran out or a Redis that lost it does no harm.
 */
export const openTurns = (
  client: ScriptedClient,
  prefix: string,
  isRedisUp: () => boolean = () => true,
  now: () => number = () => performance.now(),
): TakeTurn => {
  client.defineCommand("stampedeTakeTurn", { numberOfKeys: 1, lua: TAKE });
  client.defineCommand("stampedeGiveBackTurn", { numberOfKeys: 1, lua: GIVE_BACK });
  const scripts = client as unknown as Scripted;
  let aloneUntil = Number.NEGATIVE_INFINITY;

  const without = (hasWaited: boolean): Turn => ({ isHeld: false, hasWaited, giveBack: () => undefined });

  return async (counter) => {
    const key = `${prefix}turn:{${counter}}`;
    const holder = randomUUID();
    const giveUpAt = now() + PATIENCE;
    for (let hasWaited = false; ; hasWaited = true) {
      if (!isRedisUp() || now() < aloneUntil || now() > giveUpAt) return without(hasWaited);
      try {
        if ((await scripts.stampedeTakeTurn(key, holder, TURN)) === 1) {
          // It runs out by itself where Redis does not hear of it.
          const giveBack = () => void scripts.stampedeGiveBackTurn(key, holder).catch(() => undefined);
          return { isHeld: true, hasWaited, giveBack };
        }
      } catch {
        aloneUntil = now() + ALONE;
        return without(hasWaited);
      }
      await sleep(AGAIN * (0.5 + Math.random()));
    }
  };
};
