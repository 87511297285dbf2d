/** So few waiters say nothing of overload: a starved process has them too. */
const FEW = 16;
/** Times its objective after which a request is shed even so: no wait is without a bound. */
const PATIENCE = 4;
/** Weight of the latest answer in the mean time that answers take. */
const SMOOTHING = 0.1;
/** Share of the objective that is left for waiting, however long answers take: without any, nothing would be begun. */
const LEAST_WAIT = 0.25;

/** Work that waits to be begun; exactly one of the two is called, once. */
export interface Waiter {
  /** The waiting line's clock, in milliseconds. */
  readonly since: number;
  readonly begin: () => void;
  /** Called when it could not be answered within its objective any more. */
  readonly shed: () => void;
}

/**
 * Requests of one kind that wait for their turn.
 *
 * A request can be answered within its objective as long as it has waited for less than the objective without the time that
 * answers take, on average. The oldest goes first for as long as that holds. A line whose oldest is too late, and which gets no
 * shorter in half an objective, is overloaded: somebody will be too late whatever the order. Then the newest goes
 * first, so that most answers come at once instead of all of them late, and those that are too late are shed. (Adaptive
 * LIFO: B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015; a standing queue as opposed to a burst: K. Nichols and
 * V. Jacobson, "Controlling Queue Delay", ACM Queue 10(5), 2012.) A burst, a cold start or a busy host only makes a line
 * long for a moment: it gets shorter, and nothing is shed, unless it has waited for several times its objective.
 *
 * @param objective milliseconds within which an answer is worth its work; Infinity: never shed
 */
export const openWaitingLine = (objective: number) => {
  let waiters: Waiter[] = [];
  /** Those before it have left. */
  let head = 0;
  let meanService = 0;
  /** When the line was last found late, and its length then. */
  let late: { readonly at: number; readonly length: number } | undefined;
  let overloadedUntil = Number.NEGATIVE_INFINITY;

  const length = (): number => waiters.length - head;

  const isLate = ({ since }: Waiter, now: number): boolean =>
    now - since > Math.max(objective - meanService, objective * LEAST_WAIT);

  const isOverloaded = (now: number): boolean => now < overloadedUntil && length() > FEW;

  const look = (now: number): void => {
    const first = waiters[head];
    if (!first || !isLate(first, now)) late = undefined;
    else if (!late) late = { at: now, length: length() };
    else if (now - late.at >= objective / 2) {
      if (length() >= late.length) overloadedUntil = now + objective;
      late = { at: now, length: length() };
    }
  };

  const leave = (waiter: Waiter | undefined, isFirst: boolean): Waiter | undefined => {
    if (isFirst) head += 1;
    else waiters.pop();
    if (head === waiters.length || head > 1_024) {
      waiters = waiters.slice(head);
      head = 0;
    }
    return waiter;
  };

  return {
    length,

    join(waiter: Waiter): void {
      if (length() === 0) late = undefined; // An earlier line's.
      waiters.push(waiter);
    },

    /** Takes out the one whose turn it is; its work is to be begun. */
    next(now: number): Waiter | undefined {
      if (length() === 0) return undefined;
      const isFirst = !isOverloaded(now);
      return leave(isFirst ? waiters[head] : waiters.at(-1), isFirst);
    },

    /** Notes how long an answer took from its begin, in milliseconds. */
    noteService(ms: number): void {
      meanService += SMOOTHING * (ms - meanService);
    },

    /** Sheds whatever is too late, if the line is overloaded; to be called before each turn. */
    shedLate(now: number): void {
      look(now);
      for (let first = waiters[head]; first && isLate(first, now); first = waiters[head]) {
        if (isOverloaded(now)) overloadedUntil = now + objective;
        else if (now - first.since <= objective * PATIENCE) return;
        leave(first, true)?.shed();
      }
    },

    /** Takes one out that is not interested any more, before its turn. */
    abandon(waiter: Waiter): void {
      const at = waiters.indexOf(waiter, head);
      if (at >= 0) waiters.splice(at, 1);
    },
  };
};
