/** How often the event loop is looked at, in milliseconds; a loop that comes around in twice the time is not busy. */
const TICK_MS = 10;

/** A wait is never stretched beyond this multiple of its timeout, however busy the process is. */
const MAX_STRETCH = 10;

export type LoopAwareTimeout = ReturnType<typeof openLoopAwareTimeout>;

/**
 * Measures waits by the time in which this process was able to listen. A process that is busy for longer
 * than a timeout finds the timeout passed and the answer unread: that says nothing about who answered.
 */
export const openLoopAwareTimeout = () => {
  let total = 0;
  let lastTick = performance.now();
  const sinceTick = (): number => Math.max(0, performance.now() - lastTick - 2 * TICK_MS);
  const ticking = setInterval(() => {
    total += sinceTick();
    lastTick = performance.now();
  }, TICK_MS);
  ticking.unref?.();

  /** Milliseconds for which the event loop has been too busy to listen, so far. */
  const deaf = (): number => total + sinceTick();

  return {
    deaf,
    /** Rejects when the call takes longer than the given milliseconds of listening. */
    within: <T>(call: Promise<T>, timeout: number): Promise<T> =>
      new Promise((resolve, reject) => {
        const startedAt = performance.now();
        const deafBefore = deaf();
        const look = (): void => {
          const waited = performance.now() - startedAt;
          const left = timeout - (waited - (deaf() - deafBefore));
          if (left > 0 && waited < MAX_STRETCH * timeout) pending = setTimeout(look, left);
          else reject(new Error(`No answer within ${timeout} ms`));
        };
        let pending = setTimeout(look, timeout);
        call.then(resolve, reject).finally(() => clearTimeout(pending));
      }),
    close: (): void => clearInterval(ticking),
  };
};
