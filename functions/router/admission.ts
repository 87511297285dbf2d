import type { Line } from "../../core/resilience/admission-queue.ts";
import { CALM_SHARE, type Kind } from "../../core/resilience/limiter.ts";
import type { Shop } from "../../core/shop.ts";
import { RequestError } from "../middleware/request-error.ts";
import { type Route, routeKey } from "./route.ts";

/** A kind of requests with what it may wait for. */
interface Admission extends Kind, Line {
  /**
   * Milliseconds for which storage may have had calls waiting without a pause. Beyond them it is not begun: a
   * burst passes, a standing queue only grows (K. Nichols, V. Jacobson, "Controlling Queue Delay", 2012).
   */
  readonly maxQueueing: number;
}

const NOT_BY_STORAGE = Number.POSITIVE_INFINITY;

/**
 * Under overload, whoever is about to pay goes first, and whoever searches, which costs most, waits. Products
 * come from the cache and do not mind when storage is busy.
 */
const CHECKOUT: Admission = {
  name: "checkout",
  rank: 0,
  patience: { burst: 500, standing: 100 },
  share: 1,
  guaranteed: 0.3,
  maxQueueing: 200,
};
const CART: Admission = {
  name: "cart",
  rank: 1,
  patience: { burst: 300, standing: 50 },
  share: 0.9,
  guaranteed: 0.1,
  maxQueueing: 100,
};
const BROWSE: Admission = {
  name: "browse",
  rank: 2,
  patience: { burst: 200, standing: 15 },
  share: 0.75,
  guaranteed: 0.2,
  maxQueueing: NOT_BY_STORAGE,
};
const SEARCH: Admission = {
  name: "search",
  rank: 3,
  patience: { burst: 100, standing: 10 },
  share: CALM_SHARE,
  guaranteed: 0,
  maxQueueing: NOT_BY_STORAGE,
};

/** Undefined for operations, which are never refused: overload is when they are needed. */
export const admissionOf = ({ tag, path }: Route): Admission | undefined => {
  if (path === "/cart/{userId}/checkout") return CHECKOUT;
  if (path === "/products/search") return SEARCH;
  return BY_TAG[tag];
};

const BY_TAG: Readonly<Partial<Record<Route["tag"], Admission>>> = {
  Cart: CART,
  Orders: CART,
  Products: BROWSE,
  Stock: CART,
};

type Capacity = Pick<Shop, "db" | "resilience">;

/** Whether nobody is to be refused now. */
export const isCalm = ({ db, resilience }: Capacity): boolean =>
  resilience.limiter.isCalm() && db.busyFor() <= CART.maxQueueing && resilience.queue.isOpen();

const isStorageFree = ({ db }: Capacity, { maxQueueing }: Admission): boolean => db.busyFor() <= maxQueueing;

export const hasRoomFor = (capacity: Capacity, admission: Admission): boolean =>
  isStorageFree(capacity, admission) && capacity.resilience.limiter.hasRoom(admission);

/**
 * Runs a handler if the process has room for its kind of request.
 *
 * @throws RequestError `OVERLOADED`, at once, when it has not
 */
export const admitted = async <T extends { readonly statusCode: number }>(
  capacity: Capacity,
  route: Route,
  handle: () => Promise<T>,
): Promise<T> => {
  const admission = admissionOf(route);
  if (admission === undefined) return handle();
  const { limiter } = capacity.resilience;
  if (!isStorageFree(capacity, admission) || !limiter.admit(admission)) throw new RequestError("OVERLOADED");
  const startedAt = performance.now();
  let ms: number | undefined;
  try {
    const result = await handle();
    // A failure is quick or slow for reasons of its own.
    if (result.statusCode < 500) ms = performance.now() - startedAt;
    return result;
  } finally {
    limiter.release(admission, routeKey(route), ms);
  }
};
