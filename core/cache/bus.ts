import type { FaultSetting } from "../resilience/faults.ts";
import type { Service } from "../resilience/services.ts";

/** What processes tell one another. */
export type BusMessage =
  | { readonly type: "invalidate"; readonly key: number; readonly version: number }
  | { readonly type: "mode"; readonly mode: CacheMode }
  | { readonly type: "pin"; readonly key: number; readonly until: number }
  | ({ readonly type: "fault"; readonly service: Service } & FaultSetting)
  | { readonly type: "reset"; readonly service: Service };

export const CACHE_MODES = ["off", "redis", "tiered"] as const;
export type CacheMode = (typeof CACHE_MODES)[number];

/** The way processes tell one another of writes. */
export interface Bus {
  /**
   * Epoch milliseconds up to which everything said on the bus has been heard here; `Infinity` where no other
   * process could have said anything.
   */
  readonly heardUntil: () => number;
  readonly publish: (message: BusMessage) => Promise<void>;
  readonly onMessage: (listener: (message: BusMessage) => void) => void;
  /** Called before the bus is believed again after messages may have been missed. */
  readonly onGap: (listener: () => void) => void;
}

/** The bus of a process that shares its second tier with no other. */
export const openLocalBus = (): Bus => {
  const listeners: ((message: BusMessage) => void)[] = [];
  return {
    heardUntil: () => Number.POSITIVE_INFINITY,
    publish: async (message) => {
      for (const listener of listeners) listener(message);
    },
    onMessage: (listener) => {
      listeners.push(listener);
    },
    onGap: () => undefined,
  };
};
