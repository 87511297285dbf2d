/** Share of the whole timeout that a first attempt gets at the least. */
const LEAST_SHARE = 1 / 8;
/** Times the usual latency after which an answer is no longer expected. */
const TIMES_USUAL = 8;
/** Answers that the usual latency is the mean of. */
const MEMORY = 32;

/**
 * How long an attempt waits where another one can be afforded: an answer that takes many times the usual latency is
 * lost more often than late. Where all answers have become slow, it soon waits as long as any other.
 *
 * @param timeout milliseconds that an attempt gets when it is the last
 */
export const openAttemptTimeout = (timeout: number) => {
  let usual = 0;
  return {
    /** Milliseconds that an attempt gets where no other can be afforded. */
    longest: timeout,
    /** @param ms how long an answer took */
    note(ms: number): void {
      usual += (ms - usual) / MEMORY;
    },
    /** Later retries wait twice as long each, so that one call comes through where all have just become slow. */
    quick: (retries: number): number =>
      Math.min(timeout, 2 ** Math.max(0, retries - 1) * Math.max(timeout * LEAST_SHARE, TIMES_USUAL * usual)),
  };
};
