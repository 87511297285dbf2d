import type { Limiter } from "../../core/resilience/limiter.ts";
import { RequestError } from "../middleware/request-error.ts";
import { type Route, routeKey } from "./route.ts";

/**
 * The share of the process's capacity that each kind of request may fill: under overload, whoever is about to
 * pay goes first, and whoever searches, which costs most, waits. Operations are never refused: that is when
 * they are needed.
 */
const shareOf = ({ tag, path }: Route): number | undefined => {
  if (path === "/cart/{userId}/checkout") return 1;
  if (path === "/products/search") return 0.5;
  return SHARES[tag];
};

const SHARES: Readonly<Partial<Record<Route["tag"], number>>> = {
  Cart: 0.9,
  Orders: 0.9,
  Products: 0.75,
  Stock: 0.75,
};

/**
 * Runs a handler if the process has room for its kind of request.
 *
 * @throws RequestError `OVERLOADED`, at once, when it has not
 */
export const admitted = async <T extends { readonly statusCode: number }>(
  limiter: Limiter,
  route: Route,
  handle: () => Promise<T>,
): Promise<T> => {
  const share = shareOf(route);
  if (share === undefined) return handle();
  if (!limiter.admit(share)) throw new RequestError("OVERLOADED");
  const startedAt = performance.now();
  let ms: number | undefined;
  try {
    const result = await handle();
    // A failure is quick or slow for reasons of its own.
    if (result.statusCode < 500) ms = performance.now() - startedAt;
    return result;
  } finally {
    limiter.release(routeKey(route), ms);
  }
};
