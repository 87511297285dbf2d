import type { PaymentMethod } from "./cart.ts";

/** Of this tab: it outlives the page, and a reload, while the outcome of a purchase is not known. */
const KEY = "stampede-purchase";

/**
 * The idempotency key of the purchase of a cart as it stands. It stays the same for every attempt until
 * {@link forgetPurchase}, so that the shop charges once; another cart or method is another purchase.
 */
export const purchaseOf = (method: PaymentMethod, cartVersion: number): string => {
  const of = `${method} ${cartVersion} `;
  const kept = sessionStorage.getItem(KEY);
  if (kept?.startsWith(of)) return kept.slice(of.length);
  const key = crypto.randomUUID();
  sessionStorage.setItem(KEY, of + key);
  return key;
};

export const forgetPurchase = (): void => sessionStorage.removeItem(KEY);
