import { setTimeout as sleep } from "node:timers/promises";

const RESTART_PAUSE_MS = 500;

/** A program started beside the shop. */
export interface Service {
  /** Resolves when it is gone, stopped or not. */
  readonly exited: Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * Keeps a service running: when it dies it is started again, where those who use it find it.
 *
 * @param restart starts it anew in the place of the one that died
 * @param note receives each one that runs
 * @returns stops it for good
 */
export const supervise = <S extends Service>(
  what: string,
  service: S,
  restart: () => Promise<S>,
  note: (service: S) => Promise<void>,
): (() => Promise<void>) => {
  let current = service;
  let isStopping = false;

  const startAgain = async (): Promise<void> => {
    while (!isStopping) {
      console.error(`The ${what} is gone; starting it again`);
      try {
        current = await restart();
        return;
      } catch (error) {
        console.error((error as Error).message);
        await sleep(RESTART_PAUSE_MS);
      }
    }
  };

  const watch = async (): Promise<void> => {
    while (!isStopping) {
      await note(current);
      await current.exited;
      await startAgain();
    }
  };
  const watching = watch();
  // Of a process that ends without stopping it first, such as by a second Ctrl-C.
  process.once("exit", () => void current.stop());

  return async () => {
    isStopping = true;
    await current.stop();
    // A start that was under way when the stop came is undone as well.
    await watching;
    await current.stop();
  };
};
