/** Durations in milliseconds. The reasons are in docs/resilience.md. */
export const QUEUE_SETTINGS = {
  /** Work that one turn of the event loop begins: short, because an accepted request needs many turns. */
  slice: 5,
  /** Requests that one turn begins at the most. */
  batch: 64,
  /** A queue that has not been empty for so long stands: waiting in it helps nobody. */
  interval: 100,
  /** So many that wait are no queue: a process that something holds up for a moment refuses nobody for it. */
  few: 16,
} as const;

/** Settings with which nobody waits. */
export const NO_QUEUE = { ...QUEUE_SETTINGS, slice: Number.POSITIVE_INFINITY };

/** Requests that are as important as one another. Durations in milliseconds. */
export interface Line {
  /** Who goes first: the lowest number. */
  readonly rank: 0 | 1 | 2 | 3;
  /** How long one may wait to be begun, in a burst and while the queue stands. */
  readonly patience: { readonly burst: number; readonly standing: number };
}

export interface Turn {
  readonly mayBegin: boolean;
  /** Milliseconds. */
  readonly waited: number;
}

interface Waiting {
  readonly since: number;
  readonly until: number;
  readonly end: (turn: Turn) => void;
}

export type AdmissionQueue = ReturnType<typeof openAdmissionQueue>;

/**
 * Hands out the event loop's time to new requests in slices, one a turn, the most important first. What has
 * begun goes on in between: a request that asks its database ten times waits for ten turns, and turns that
 * begin whatever has come are as long as the queue is. Who has waited too long is refused.
 *
 * How long is too long follows the variant of CoDel in B. Maurer, "Fail at Scale" (ACM Queue 13, 2015), after
 * K. Nichols, V. Jacobson, "Controlling Queue Delay" (2012): a burst may wait; in a queue that has not been
 * empty for a while, everybody would wait for as long as they are let.
 */
export const openAdmissionQueue = (
  now: () => number = () => performance.now(),
  settings: Readonly<Record<keyof typeof QUEUE_SETTINGS, number>> = QUEUE_SETTINGS,
  nextTurn: (act: () => void) => unknown = setImmediate,
) => {
  const lines: readonly Waiting[][] = [[], [], [], []];
  let waiting = 0;
  let emptyAt = now();
  let isTurning = false;
  /** When the present turn began the first of its requests. */
  let sliceBegan: number | undefined;

  const isSliceLeft = (): boolean => {
    sliceBegan ??= now();
    return now() - sliceBegan < settings.slice;
  };

  const end = (line: Waiting[], mayBegin: boolean): void => {
    const first = line.shift();
    if (!first) return;
    waiting -= 1;
    first.end({ mayBegin, waited: now() - first.since });
  };

  const refuseLate = (): void => {
    const at = now();
    for (const line of lines) {
      while (waiting > settings.few && line[0] && line[0].until < at) end(line, false);
    }
  };

  // Each in a callback of its own: only so does the time of one contain what it does in microtasks.
  const beginNext = (): void => {
    if (!isSliceLeft()) return;
    refuseLate();
    const line = lines.find(({ length }) => length > 0);
    if (line) end(line, true);
  };

  const turn = (): void => {
    sliceBegan = undefined;
    isTurning = waiting > 0;
    if (!isTurning) return;
    for (let i = Math.min(waiting, settings.batch); i > 0; i--) nextTurn(beginNext);
    nextTurn(turn);
  };

  const startTurning = (): void => {
    if (isTurning) return;
    isTurning = true;
    nextTurn(turn);
  };

  return {
    /** Whether a request may begin without waiting; if so, it is expected to. */
    isOpen(): boolean {
      startTurning();
      return waiting === 0 && isSliceLeft();
    },

    /** Resolves when a request may begin, or when it has waited too long. */
    wait({ rank, patience }: Line): Promise<Turn> {
      startTurning();
      const since = now();
      if (waiting === 0) emptyAt = since;
      const isStanding = waiting >= settings.few && since - emptyAt > settings.interval;
      const until = since + (isStanding ? patience.standing : patience.burst);
      waiting += 1;
      return new Promise((end) => lines[rank]?.push({ since, until, end }));
    },
  };
};
