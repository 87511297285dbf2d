import { vi } from "vitest";
import type { Shop } from "../shop.ts";

/** Has storage fail as soon as the processor has answered the next charge. @returns a function that ends all of it */
export const failAfterCharge = (shop: Shop, failure: Error): (() => void) => {
  const { charge } = shop.payment;
  const spies: { readonly mockRestore: () => unknown }[] = [];
  const charging = vi.spyOn(shop.payment, "charge").mockImplementation(async (...asked) => {
    const result = await charge(...asked);
    spies.push(
      vi.spyOn(shop.db, "send").mockRejectedValue(failure),
      vi.spyOn(shop.db, "repeat").mockRejectedValue(failure),
    );
    return result;
  });
  return () => {
    for (const spy of [charging, ...spies]) spy.mockRestore();
  };
};
