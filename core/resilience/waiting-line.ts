/** Length in milliseconds of the intervals in which begins are counted. */
const STRETCH_MS = 250;
/**
 * Number of past intervals of which a line works at the best rate: a stall of the machine is no loss of
 * capacity.
 */
const STRETCHES = 8;
/** A stretch that has just begun says nothing yet. Milliseconds. */
const MIN_ELAPSED_MS = 50;
/** So few waiters say nothing of overload: a light load's rate is not what could be done. */
const FEW = 16;
/** Times its objective after which a request is shed even so: no wait is without a bound. */
const PATIENCE = 4;
/** Share of the objective from which the time to work a line off counts as overload. */
const OVERLOAD_SHARE = 0.8;

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
 * The oldest goes first for as long as the line can be worked off within the objective. When it cannot, somebody
 * will be too late whatever the order; then the newest goes first, so that most answers come at once instead of all of them
 * late, and those that have waited beyond their objective are shed. (Adaptive LIFO: B. Maurer, "Fail at Scale", ACM Queue
 * 13(8), 2015.) A burst, a cold start or a busy host only makes a line long for a moment: nothing is shed then, unless it
 * has waited for several times its objective.
 *
 * @param objective milliseconds within which an answer is worth its work; Infinity: never shed
 */
export const openWaitingLine = (objective: number) => {
  let waiters: Waiter[] = [];
  /** Those before it have left. */
  let head = 0;
  let begun = 0;
  let stretchBegan: number | undefined;
  const rates: number[] = [];

  const length = (): number => waiters.length - head;

  /** Begins a millisecond; undefined when nothing has been seen yet. */
  const rate = (now: number): number | undefined => {
    const elapsed = now - (stretchBegan ?? now);
    const present = elapsed >= MIN_ELAPSED_MS ? begun / elapsed : 0;
    const best = Math.max(present, ...rates);
    return best === 0 && rates.length === 0 ? undefined : best;
  };

  const isOverloaded = (now: number): boolean => {
    const known = length() > FEW ? rate(now) : undefined;
    return known !== undefined && length() > known * objective * OVERLOAD_SHARE;
  };

  /** Closes a stretch that has passed. Only while there are waiters does the rate of begins say what can be done. */
  const count = (now: number): void => {
    stretchBegan ??= now;
    const elapsed = now - stretchBegan;
    if (elapsed < STRETCH_MS) return;
    rates.push(begun / elapsed);
    if (rates.length > STRETCHES) rates.shift();
    begun = 0;
    stretchBegan = now;
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
    isOverloaded,

    join(waiter: Waiter): void {
      if (length() === 0) [stretchBegan, begun] = [undefined, 0];
      waiters.push(waiter);
    },

    /** Takes out the one whose turn it is; its work is to be begun. */
    next(now: number): Waiter | undefined {
      if (length() === 0) return undefined;
      count(now);
      const isFirst = !isOverloaded(now);
      begun += 1;
      return leave(isFirst ? waiters[head] : waiters.at(-1), isFirst);
    },

    /** Sheds whatever is too late, if the line is overloaded; to be called before each turn. */
    shedLate(now: number): void {
      if (length() === 0) return;
      count(now);
      for (let first = waiters[head]; first && now - first.since > objective; first = waiters[head]) {
        if (!isOverloaded(now) && now - first.since <= objective * PATIENCE) return;
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
