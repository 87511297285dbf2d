import type { Circuit } from "./circuit.ts";

/** Milliseconds without any success after which a caller that has a fallback stops waiting. */
const LOOK_AFTER_MS = 250;

/** The dependency answers nobody at the moment. */
export class SilenceError extends Error {
  override readonly name = "SilenceError";

  constructor() {
    super(`Nothing was answered for ${LOOK_AFTER_MS} ms`);
  }
}

/**
 * Waits for work, but no longer once its dependency answers nobody: for a caller with a second best. Where others are
 * answered, the work is only slow, and worth its wait.
 *
 * @throws SilenceError
 */
export const unlessSilent = <T>(work: Promise<T>, { silentFor }: Pick<Circuit, "silentFor">): Promise<T> =>
  new Promise((resolve, reject) => {
    const look = (): void => {
      const rest = LOOK_AFTER_MS - silentFor();
      if (rest <= 0) reject(new SilenceError());
      else timer = setTimeout(look, rest);
    };
    let timer = setTimeout(look, LOOK_AFTER_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
