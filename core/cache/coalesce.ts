import { type RequestScope, runInRequestScope } from "../request-scope.ts";

/** One batch serves up to a hundred requests, whatever their own priorities are: it waits behind none of them. */
const SCOPE: RequestScope = { requestId: "cache-load", priority: "operations" };

/** Reads many keys at once; keys without a value are absent from the answer. */
export type BatchLoad<V> = (keys: readonly number[]) => Promise<Map<number, V>>;

interface Waiting<V> {
  readonly promise: Promise<V | undefined>;
  readonly resolve: (value: V | undefined) => void;
  readonly reject: (reason: unknown) => void;
}

export interface CoalesceOptions {
  /** Keys of one batch at the most. */
  readonly maxBatch: number;
  /** Batches under way at the most; what comes meanwhile waits and makes the next batch larger. */
  readonly maxInFlight: number;
}

/**
 * Gathers the loads of different keys that come within one turn of the event loop into batches, each key
 * once. The batches run outside of the request that happened to ask first: its deadline is not the others'.
 */
export const coalesce = <V>(load: BatchLoad<V>, { maxBatch, maxInFlight }: CoalesceOptions) => {
  let waiting = new Map<number, Waiting<V>>();
  let inFlight = 0;
  let isScheduled = false;

  const schedule = (): void => {
    if (isScheduled || inFlight >= maxInFlight || waiting.size === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      while (waiting.size > 0 && inFlight < maxInFlight) void run(takeBatch());
    });
  };

  const takeBatch = (): Map<number, Waiting<V>> => {
    if (waiting.size <= maxBatch) {
      const all = waiting;
      waiting = new Map();
      return all;
    }
    const batch = new Map<number, Waiting<V>>();
    for (const [key, waiter] of waiting) {
      if (batch.size === maxBatch) break;
      batch.set(key, waiter);
      waiting.delete(key);
    }
    return batch;
  };

  const run = async (batch: Map<number, Waiting<V>>): Promise<void> => {
    inFlight += 1;
    try {
      const values = await runInRequestScope({ ...SCOPE }, () => load([...batch.keys()]));
      for (const [key, { resolve }] of batch) resolve(values.get(key));
    } catch (error) {
      for (const { reject } of batch.values()) reject(error);
    } finally {
      inFlight -= 1;
      schedule();
    }
  };

  return {
    load(key: number): Promise<V | undefined> {
      let waiter = waiting.get(key);
      if (!waiter) {
        waiter = Promise.withResolvers<V | undefined>();
        waiting.set(key, waiter);
        schedule();
      }
      return waiter.promise;
    },
    /** Batches under way now. */
    inFlight: (): number => inFlight,
  };
};
