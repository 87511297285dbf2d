/** How often the event loop is looked at, in milliseconds; a loop that comes around in twice the time is not busy. */
const TICK_MS = 10;

/** A wait is never stretched beyond this multiple of its timeout, however busy the process is. */
const MAX_STRETCH = 10;

export type LoopAwareTimeout = ReturnType<typeof openLoopAwareTimeout>;

interface Wait {
  readonly startedAt: number;
  readonly deafBefore: number;
  readonly timeout: number;
  readonly giveUp: () => void;
}

/**
 * Measures waits by the time in which this process was able to listen. A process that is busy for longer
 * than a timeout finds the timeout passed and the answer unread: that says nothing about who answered.
 *
 * One tick looks after all waits: a timer for each would cost a read of Redis as much as its command does.
 */
export const openLoopAwareTimeout = () => {
  const waits = new Set<Wait>();
  let total = 0;
  let lastTick = performance.now();
  const deafAt = (now: number): number => total + Math.max(0, now - lastTick - 2 * TICK_MS);
  const ticking = setInterval(() => {
    const now = performance.now();
    total = deafAt(now);
    lastTick = now;
    for (const wait of waits) {
      const { startedAt, deafBefore, timeout } = wait;
      const waited = now - startedAt;
      if (waited - (total - deafBefore) < timeout && waited < MAX_STRETCH * timeout) continue;
      waits.delete(wait);
      wait.giveUp();
    }
  }, TICK_MS);
  ticking.unref?.();

  return {
    /** Milliseconds for which the event loop has been too busy to listen, so far. */
    deaf: (): number => deafAt(performance.now()),
    /** Rejects when the call takes longer than the given milliseconds of listening, within a tick of 10 ms. */
    within: <T>(call: Promise<T>, timeout: number): Promise<T> =>
      new Promise((resolve, reject) => {
        const startedAt = performance.now();
        const giveUp = (): void => reject(new Error(`No answer within ${timeout} ms`));
        const wait = { startedAt, deafBefore: deafAt(startedAt), timeout, giveUp };
        waits.add(wait);
        call.then(
          (answer) => {
            waits.delete(wait);
            resolve(answer);
          },
          (error) => {
            waits.delete(wait);
            reject(error);
          },
        );
      }),
    close: (): void => clearInterval(ticking),
  };
};
