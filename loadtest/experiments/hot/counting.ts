import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "../experiment-stage.ts";
import { nowSeconds } from "../lab.ts";
import { grown } from "../lab-figures.ts";

const EVERY_MS = 100;

/** The shop's counters over a while; null where they are unknown. */
export interface Counts {
  /** DynamoDB calls that read. */
  readonly calls: number | null;
  /** Reads of products that waited for another's load. */
  readonly shared: number | null;
}

interface Look {
  /** Epoch seconds. */
  readonly time: number;
  readonly calls: number;
  readonly shared: number;
}

/** Looks at the shop's counts again and again. */
export const countReads = ({ apis: [api] }: Stage) => {
  const looks: Look[] = [];
  const stopping = new AbortController();
  const count = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const [memory, cache] = await Promise.all([api.get("/memory"), api.get("/cache")]);
      looks.push({ time: nowSeconds(), calls: memory.dynamodb_reads, shared: cache.collapsed_loads });
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const done = count();
  done.catch(() => undefined); // `stop` tells it.
  const lastBefore = (moment: number): Look | undefined => looks.findLast(({ time }) => time <= moment);
  return {
    /** From the last look before one moment to the last one before another, in epoch seconds. */
    between: (from: number, to: number): Counts => {
      const [before, after] = [lastBefore(from), lastBefore(to)];
      return { calls: grown(before?.calls, after?.calls), shared: grown(before?.shared, after?.shared) };
    },
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
};
