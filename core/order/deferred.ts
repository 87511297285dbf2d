import type { Cents } from "../money.ts";

export interface DeferredLimits {
  readonly maxOrders: number;
  readonly maxCents: Cents;
}

export type Deferred = ReturnType<typeof openDeferred>;

/**
 * Orders taken on credit by this process: placed while the payment processor was away. Bounded, since any of
 * them may be declined in the end, and its stock has been kept from others until then.
 */
export const openDeferred = ({ maxOrders, maxCents }: DeferredLimits) => {
  let open = { orders: 0, cents: 0 };
  return {
    /** Takes an order into account; false when that would be too many, or too much. */
    tryAdd(cents: Cents): boolean {
      if (open.orders >= maxOrders || open.cents + cents > maxCents) return false;
      open = { orders: open.orders + 1, cents: open.cents + cents };
      return true;
    },
    /** Takes an order back that was not placed after all; none, where they have been forgotten meanwhile. */
    remove(cents: Cents): void {
      open = { orders: Math.max(0, open.orders - 1), cents: Math.max(0, open.cents - cents) };
    },
    /** Forgets them all: the processor is back. @returns how many there were */
    clear(): number {
      const { orders } = open;
      open = { orders: 0, cents: 0 };
      return orders;
    },
    stats: () => ({ ...open }),
  };
};
