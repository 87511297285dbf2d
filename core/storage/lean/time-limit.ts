import type { CallLimits } from "../client.ts";

/** Work under a time limit: how to stop it, and why it has ended. */
export interface Limited {
  stop?: (reason: Error) => void;
  ended?: Error;
}

const LAST_LOOK_MS = 2;

const named = (name: string, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { name });

/**
 * Does work within a time limit, whatever it waits for.
 *
 * @throws an error named `TimeoutError` after the limit, one named `AbortError` when the caller calls it off
 */
export const withinTime = <T>(
  { timeout, signal }: CallLimits,
  work: (limited: Limited) => Promise<T>,
): Promise<T> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(named("AbortError", "Called off before it began", signal.reason));
      return;
    }
    const limited: Limited = {};
    const end = (reason: Error): void => {
      reject(reason);
      limited.ended = reason;
      limited.stop?.(reason);
    };
    const onAbort = (): void => end(named("AbortError", "Called off", signal?.reason));
    const giveUp = (): void => end(named("TimeoutError", `No answer within ${Math.round(timeout)} ms`));
    let timer = setTimeout(() => {
      // A loop that was busy runs late timers before it reads the answers that are already there.
      timer = setTimeout(giveUp, LAST_LOOK_MS);
    }, timeout);
    signal?.addEventListener("abort", onAbort);
    const release = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    work(limited).then(
      (result) => {
        release();
        resolve(result);
      },
      (error) => {
        release();
        reject(error);
      },
    );
  });
