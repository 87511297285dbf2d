import { LRUCache } from "lru-cache";
import type { CartItem } from "./cart-item.ts";

const MAX_CARTS = 10_000;
/** Older ones are likelier to mislead than to help. */
const MAX_AGE_MS = 30 * 60_000;

export type LastCarts = ReturnType<typeof openLastCarts>;

/**
 * The carts that this process saw last, to be shown, marked as stale, while storage is away. Nothing is decided by them: a
 * checkout reads the cart itself.
 *
 * @param now epoch milliseconds
 */
export const openLastCarts = (now: () => number) => {
  const seen = new LRUCache<string, { readonly cart: CartItem | undefined; readonly at: number }>({
    max: MAX_CARTS,
  });
  return {
    /** @param cart undefined for a user who has none */
    remember(userId: string, cart: CartItem | undefined): void {
      seen.set(userId, { cart, at: now() });
    },
    forget(userId: string): void {
      seen.delete(userId);
    },
    recall(userId: string): { readonly cart: CartItem | undefined } | undefined {
      const last = seen.get(userId);
      return last && now() - last.at < MAX_AGE_MS ? last : undefined;
    },
  };
};
