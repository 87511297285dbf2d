import { type Objectives, openWaitingLines, type Priority } from "./priorities.ts";

/** New work that one turn of the event loop begins, in milliseconds: at the most, and at the least. */
const SLICE_MS = 10;
const LEAST_SLICE_MS = 1;
/** From when on a turn is long: what has begun needs many of them, and requests wait unseen in their sockets meanwhile. Milliseconds. */
const LONG_TURN_MS = 10;
/** Until when in a turn requests are answered that need no other turn: to refuse them would cost as much. Milliseconds. */
const AT_ONCE_MS = 5 * SLICE_MS;

export type Admission = ReturnType<typeof openAdmission>;

/**
 * Hands out the event loop's time to new requests: each turn of the loop begins at most {@link SLICE_MS} of them, fewer
 * while turns are long, the most important first, and goes on with what it has begun in between. A request waits only
 * when its turn's slice is used up, and is shed only when it could not be answered within its objective any more
 * ([waiting-line.ts](waiting-line.ts)).
 *
 * The slice also keeps the loop turning. While connections are answered as they come, Bun takes in further ones and runs neither
 * timers nor other sockets; a request that waits for the next turn ends that.
 *
 * @param now milliseconds, monotonic
 * @param nextTurn calls back in the next turn of the event loop
 */
export const openAdmission = (
  objectives: Objectives,
  now: () => number = () => performance.now(),
  nextTurn: (act: () => void) => unknown = setImmediate,
) => {
  const lines = openWaitingLines(objectives);
  let deferred: (() => void)[] = [];
  let waiting = 0;
  let isTurning = false;
  /** When the present turn began the first of its requests. */
  let sliceBegan: number | undefined;
  let slice = SLICE_MS;
  /** End of the last turn, if it left requests waiting: one that is read now may have come right after it. */
  let unseenSince: number | undefined;
  let loopDelay = 0;

  const startTurning = (): void => {
    if (isTurning) return;
    isTurning = true;
    nextTurn(turn);
  };

  const turn = (): void => {
    isTurning = false;
    const isLong = unseenSince !== undefined && now() - unseenSince > LONG_TURN_MS;
    slice = isLong ? Math.max(slice / 2, LEAST_SLICE_MS) : Math.min(slice + 1, SLICE_MS);
    sliceBegan = undefined;
    const answers = deferred;
    deferred = [];
    for (const answer of answers) answer();
    if (waiting > 0) beginWaiting();
    unseenSince = isTurning ? now() : undefined;
  };

  const beginWaiting = (): void => {
    lines.shedLate(now());
    const startedAt = (sliceBegan = now());
    for (let at = startedAt; at - startedAt < slice; at = now()) {
      const next = lines.next(at);
      if (next === undefined) return;
      next.begin();
    }
    startTurning();
  };

  return {
    /** Whether a request may begin without waiting; if so, it is expected to. */
    isOpen(): boolean {
      if (!isTurning) startTurning();
      if (waiting > 0) return false;
      const at = now();
      sliceBegan ??= at;
      return at - sliceBegan < slice;
    },

    /**
     * Gives an answer that needs no wait, whatever waits: now, or where this turn has given many already, as one of the
     * first of the next turn. In a queue it would be overtaken by as many as come.
     */
    answer<T>(give: () => T | Promise<T>): T | Promise<T> {
      if (!isTurning) startTurning();
      const at = now();
      sliceBegan ??= at;
      if (at - sliceBegan < AT_ONCE_MS) return give();
      return new Promise<T>((resolve) => deferred.push(() => resolve(give())));
    },

    /**
     * Has work begun in its turn, or shed. Behind others, it counts as waiting since the last turn: it may have come right
     * after that, and been left in its socket.
     *
     * @param since when it was there in full
     * @param begin starts the work; what it does before its first wait for something outside counts as its time
     */
    wait(priority: Priority, since: number, begin: () => unknown, shed: () => void): void {
      startTurning();
      waiting += 1;
      lines.join(priority, {
        since: Math.min(since, unseenSince ?? since),
        begin: () => {
          waiting -= 1;
          const begunAt = now();
          const answer = begin();
          const note = (): void => lines.noteService(priority, now() - begunAt);
          if (answer instanceof Promise) answer.then(note, note);
          else note();
        },
        shed: () => {
          waiting -= 1;
          shed();
        },
      });
    },

    /** Tells how late the event loop is, in milliseconds. */
    noteLoopDelay(ms: number): void {
      loopDelay = ms;
    },

    stats: () => ({ waiting, loop_delay_ms: Math.round(loopDelay) }),
  };
};
