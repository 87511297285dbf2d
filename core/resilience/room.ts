import { type Objectives, openWaitingLines, type Priority } from "./priorities.ts";

export interface RoomSettings {
  /** Calls under way at a time. */
  readonly places: number;
  /**
   * Milliseconds after which a call no longer counts as one of them: it waits for a dependency in trouble, and
   * keeping others from theirs would not help it.
   */
  readonly slowAfter: number;
  /** Calls under way at the most, the slow ones among them. */
  readonly most: number;
}

const TICK_MS = 25;

/** Settings that let every call in at once. */
export const NO_WALLS: RoomSettings = {
  places: Number.POSITIVE_INFINITY,
  slowAfter: Number.POSITIVE_INFINITY,
  most: Number.POSITIVE_INFINITY,
};

/** A call as the room sees it. */
export interface Entrant {
  readonly priority: Priority;
  /** `performance.now()` from which its waiting counts. */
  readonly since: number;
  readonly signal: AbortSignal | undefined;
}

/** The call was not made: it could not have been answered within its objective any more. */
export class NotAdmittedError extends Error {
  override readonly name = "NotAdmittedError";

  constructor() {
    super("The call could not be answered within its objective any more");
  }
}

interface Call {
  readonly startedAt: number;
}

export type Room = ReturnType<typeof openRoom>;

/**
 * A bulkhead: bounds the calls under way, so that the most important ones do not wait behind all others.
 * Waiting calls are ordered as requests are before they begin, and shed under overload once they have waited as long as
 * their objective.
 */
export const openRoom = (
  { places, slowAfter, most }: RoomSettings,
  objectives: Objectives,
  now: () => number = () => performance.now(),
) => {
  const lines = openWaitingLines(objectives);
  const quick = new Set<Call>();
  const slow = new Set<Call>();
  let waiting = 0;
  let isTicking = false;

  const hasPlace = (): boolean => {
    if (quick.size >= places) {
      const before = now() - slowAfter;
      for (const call of quick) {
        // In the order of their starts.
        if (call.startedAt > before) break;
        quick.delete(call);
        slow.add(call);
      }
    }
    return quick.size < places && quick.size + slow.size < most;
  };

  const enter = (): Call => {
    const call = { startedAt: now() };
    quick.add(call);
    return call;
  };

  const admit = (): void => {
    if (waiting === 0) return;
    lines.shedLate(now());
    while (waiting > 0 && hasPlace()) lines.next(now())?.begin();
    if (waiting === 0 || isTicking) return;
    isTicking = true;
    // Places are given on as calls get slow, and waiters are shed, though no call ends.
    setTimeout(() => {
      isTicking = false;
      admit();
    }, TICK_MS);
  };

  const place = ({ priority, since, signal }: Entrant): Promise<Call> =>
    new Promise((resolve, reject) => {
      const leaving = (act: () => void) => () => {
        waiting -= 1;
        signal?.removeEventListener("abort", onAbort);
        act();
      };
      const waiter = {
        since,
        begin: leaving(() => resolve(enter())),
        shed: leaving(() => reject(new NotAdmittedError())),
      };
      const onAbort = leaving(() => {
        lines.abandon(priority, waiter);
        reject(calledOff(signal));
      });
      waiting += 1;
      lines.join(priority, waiter);
      signal?.addEventListener("abort", onAbort);
      admit();
    });

  return {
    /**
     * Does the work once there is a place.
     *
     * @throws NotAdmittedError, or an error named `AbortError` when the signal ends the wait
     */
    async execute<T>(work: () => Promise<T>, entrant: Entrant): Promise<T> {
      if (entrant.signal?.aborted) throw calledOff(entrant.signal);
      const call = waiting === 0 && hasPlace() ? enter() : await place(entrant);
      try {
        return await work();
      } finally {
        if (!quick.delete(call)) slow.delete(call);
        admit();
      }
    },
    /** Whether most places are free. */
    isSpacious: (): boolean => quick.size + slow.size <= places / 4,
    /** Calls that wait for a place. */
    waiting: (): number => waiting,
  };
};

const calledOff = (signal: AbortSignal | undefined): Error =>
  Object.assign(new Error("Called off before it began", { cause: signal?.reason }), { name: "AbortError" });
