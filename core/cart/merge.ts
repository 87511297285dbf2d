import { DomainError } from "../errors.ts";
import type { Shop } from "../shop.ts";
import { transact } from "../storage/transact.ts";
import { type Cart, getCart, readCart } from "./cart.ts";
import { giveBack, linesOf, takeCart } from "./cart-item.ts";
import { cartUpdate } from "./change.ts";

/** How often it is tried anew because one of the carts changed meanwhile. */
const MAX_ATTEMPTS = 8;

/**
 * Moves a guest's cart into a user's: quantities add up, and the pieces that the user's cart has no room for are left
 * out. Both carts change in one transaction, so that a second call finds nothing left to move.
 *
 * @throws DomainError `STORAGE_CONFLICT` when the carts keep changing
 */
export const mergeCarts = async (shop: Shop, guestId: string, userId: string): Promise<Cart> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const [guest, user] = await Promise.all([readCart(shop, guestId), readCart(shop, userId)]);
    const lines = linesOf(guest);
    if (!guest || lines.length === 0 || guestId === userId) return getCart(shop, userId);
    const now = shop.now();
    const refusals = await transact(shop.db, [
      { Update: cartUpdate(shop, guestId, takeCart(guest.version, now)) },
      { Update: cartUpdate(shop, userId, giveBack(user, lines, now).change) },
    ]);
    shop.lastCarts.forget(guestId);
    shop.lastCarts.forget(userId);
    if (!refusals) return getCart(shop, userId);
  }
  throw new DomainError("STORAGE_CONFLICT", "The carts kept changing; try again", { retryAfterSeconds: 1 });
};
