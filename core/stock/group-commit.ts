import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../config/config.ts";
import { DomainError } from "../errors.ts";
import { currentRequest, runInRequestScope } from "../request-scope.ts";
import type { Database } from "../storage/database.ts";
import type { Refusals } from "../storage/transact.ts";
import type { TableNames } from "../tables.ts";
import { counterOf } from "./counters.ts";
import type { StockWork } from "./group-refusals.ts";
import { NotWrittenError, writeGroup } from "./group-write.ts";
import { countersOf, isFree, nextGroup, type Waiting } from "./next-group.ts";
import { openPace } from "./pace.ts";
import { BETWEEN_TURNS, type TakeTurn, type Turn } from "./turns.ts";

/** Milliseconds for which work that meets others is tried again: within a checkout's objective. */
const CONFLICT_PATIENCE = 2_000;
/** Milliseconds that a throttled counter rests, half of it at least: its partition earns units a second. */
const THROTTLED_REST = 200;

/** The parts of the shop that it uses. */
interface Parts {
  readonly db: Database;
  readonly tables: TableNames;
  readonly config: Config;
}

interface Member extends Waiting {
  readonly work: StockWork;
  /** Milliseconds for which it is tried again. */
  readonly patience: number;
  readonly resolve: (refusals: Refusals | undefined) => void;
  readonly reject: (error: unknown) => void;
  isOver: boolean;
}

export interface GroupCommit {
  /**
   * Writes all of it or nothing.
   *
   * @returns undefined when written, or the refused conditions: by the items, then by the movements
   * @throws DomainError those of the storage, `DEADLINE_EXCEEDED` when the request's time is up
   */
  readonly commit: (work: StockWork) => Promise<Refusals | undefined>;
  /**
   * Calls the listener with the counters on which a group met another process (its transaction, or its turn), and with
   * those that had no write units left.
   */
  readonly onContention: (listener: (counters: readonly string[]) => void) => void;
}

/**
 * Commits the stock movements of one process. DynamoDB holds an item for as long as a transaction on it takes and cancels
 * others meanwhile, so a counter that many buy from would pass some 45 transactions a second and refuse the rest. Here
 * work on a counter that is in a transaction waits for its end, and then all that waits goes into one transaction
 * together. Work on counters that are free is sent at once and alone. A group that meets a transaction of another process
 * goes back to those that wait, so that the next one is larger; from then on the processes take turns on the counter, or,
 * without Redis, let it rest for a while. Members whose own items are throttled are refused, and the others go again
 * without them; where a counter is throttled, it rests, and work that does not move it goes ahead.
 */
export const openGroupCommit = (shop: Parts, takeTurn?: TakeTurn): GroupCommit => {
  const busy = new Set<string>();
  let waiting: Member[] = [];
  const listeners: ((counters: readonly string[]) => void)[] = [];
  const pace = openPace();

  const dropOver = (): void => {
    waiting = waiting.filter(({ isOver }) => !isOver);
  };

  const startGroups = (): void => {
    dropOver();
    for (let group = nextGroup(waiting, busy); group.length > 0; group = nextGroup(waiting, busy)) {
      const shared = countersOf(group).find(pace.isShared);
      if (takeTurn && shared !== undefined) void startInTurn(shared, takeTurn);
      else start(group);
    }
  };

  /** Orders that come until it is this process's turn go along. */
  const startInTurn = async (counter: string, takeTurn: TakeTurn): Promise<void> => {
    busy.add(counter);
    const turn = await takeTurn(counter);
    busy.delete(counter);
    if (turn.hasWaited) tellOfContention([counter]);
    dropOver();
    const group = nextGroup(waiting, busy, counter);
    if (group.length > 0) start(group, turn);
    else turn.giveBack();
    startGroups();
  };

  const start = (group: readonly Member[], turn?: Turn): void => {
    const members = new Set(group);
    waiting = waiting.filter((member) => !members.has(member));
    void run(group, turn);
  };

  const run = async (group: readonly Member[], turn?: Turn): Promise<void> => {
    const counters = countersOf(group);
    for (const counter of counters) busy.add(counter);
    const signal = AbortSignal.timeout(shop.config.http.requestDeadline);
    // Not of any one request: what ends one member's time must not end that of the others.
    // A conflict comes back at once: a larger group goes the next time.
    const scope = { requestId: "group-commit", hasAskedStorage: true, conflictPatience: 0, signal };
    let members = group;
    let met: readonly string[] = [];
    let throttled: readonly string[] = [];
    let again: Member[] = [];
    let isPaused = false;
    try {
      while (members.length > 0) {
        const refused = await runInRequestScope(scope, () => writeGroup(shop, members));
        for (const member of members) {
          const refusals = refused?.get(member);
          if (!refused || refusals) member.resolve(refusals);
        }
        members = refused ? members.filter((member) => !refused.has(member)) : [];
      }
    } catch (error) {
      let over = members;
      if (error instanceof NotWrittenError) {
        ({ held: met, throttled } = error);
        const isOwner = (member: Member): boolean => error.owners.has(member);
        [again, over] = byPatience(members, isOwner);
        // A counter that is held rests below; where only a cart or a key is, nothing else would slow the attempts down.
        isPaused = met.length + throttled.length + error.owners.size === 0;
      }
      for (const member of over) member.reject(error instanceof NotWrittenError ? error.cause : error);
    }
    turn?.giveBack();
    if (isPaused) await sleep(shop.config.retry.baseDelay * (1 + Math.random()));
    waiting.unshift(...again);
    if (met.length + throttled.length > 0) tellOfContention([...met, ...throttled]);
    for (const counter of counters) {
      const hasMet = met.includes(counter);
      const pause = pace.restAfter(counter, hasMet);
      const wasInTurn = turn?.isHeld && turn.counter === counter && !hasMet;
      const refill = throttled.includes(counter) ? THROTTLED_REST * (0.5 + Math.random()) : 0;
      rest(counter, Math.max(refill, wasInTurn ? BETWEEN_TURNS : pause));
    }
    startGroups();
  };

  const tellOfContention = (counters: readonly string[]): void => {
    for (const listener of listeners) listener(counters);
  };

  const rest = (counter: string, ms: number): void => {
    if (ms === 0) busy.delete(counter);
    else
      setTimeout(() => {
        busy.delete(counter);
        startGroups();
      }, ms);
  };

  return {
    commit(work) {
      const request = currentRequest();
      if (request?.signal?.aborted) return Promise.reject(outOfTime());
      if (request) request.hasAskedStorage = true;
      return new Promise((resolve, reject) => {
        const member: Member = {
          work,
          counters: new Set(work.movements.map(counterOf)),
          since: performance.now(),
          patience: request?.conflictPatience ?? CONFLICT_PATIENCE,
          resolve,
          reject,
          isOver: false,
        };
        request?.signal?.addEventListener("abort", () => {
          member.isOver = true;
          reject(outOfTime());
        });
        waiting.push(member);
        // The others wait for counters that are busy, and are looked at when these become free.
        if (isFree(member, busy)) startGroups();
      });
    },
    onContention: (listener) => void listeners.push(listener),
  };
};

/** Those that may go again, and those that are refused or have waited long enough. */
const byPatience = (
  members: readonly Member[],
  isRefused: (member: Member) => boolean,
): [Member[], Member[]] => {
  const mayGo = (member: Member): boolean =>
    !isRefused(member) && performance.now() - member.since < member.patience;
  return [members.filter(mayGo), members.filter((member) => !mayGo(member))];
};

const outOfTime = () =>
  new DomainError("DEADLINE_EXCEEDED", "The request ran out of time waiting for storage", {
    retryAfterSeconds: 1,
  });
