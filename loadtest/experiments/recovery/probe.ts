import { setTimeout as sleep } from "node:timers/promises";
import { nowSeconds } from "../lab.ts";

const EVERY_MS = 100;
const PATIENCE_MS = 12_000;

/** A customer who asks for a cart. */
export interface Probed {
  /** Epoch seconds at which it was asked. */
  readonly at: number;
  /** Milliseconds until there was an answer of any kind, or patience was at its end. */
  readonly ms: number;
}

/** Asks for a cart again and again, whether or not what was asked before is answered. */
export const startProbing = (url: string) => {
  const answered: Probed[] = [];
  const stopping = new AbortController();
  const ask = async (): Promise<void> => {
    const at = nowSeconds();
    const signal = AbortSignal.timeout(PATIENCE_MS);
    // No answer at all is what some faults bring; the wait is what counts.
    await fetch(`${url}/cart/probe`, { signal })
      .then((response) => response.arrayBuffer())
      .catch(() => undefined);
    answered.push({ at, ms: (nowSeconds() - at) * 1_000 });
  };
  const done = (async () => {
    const asked: Promise<void>[] = [];
    while (!stopping.signal.aborted) {
      asked.push(ask());
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    await Promise.all(asked);
  })();
  return {
    answered,
    stop: () => {
      stopping.abort();
      return done;
    },
  };
};
