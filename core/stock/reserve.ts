import { DomainError } from "../errors.ts";
import type { Shop } from "../shop.ts";
import type { CounterItem } from "./counters.ts";
import type { LineToReserve } from "./homes.ts";
import { readSteadyCounters } from "./read-counters.ts";
import type { ShortLine } from "./sold-out.ts";
import type { Reservation, StockLine } from "./stock-line.ts";

/** A transaction takes 100 items; three are the order, the cart and the idempotency key. */
export const MAX_RESERVATIONS = 97;

/**
 * Plans lines whose counter refused anew, by what all counters of their products have left: from one counter
 * where one has enough, else from several.
 *
 * @throws DomainError `OUT_OF_STOCK` when all of them together have too little; details name the products
 */
export const drawFromAll = async (shop: Shop, lines: readonly LineToReserve[]): Promise<Reservation[]> => {
  const { counters } = await readSteadyCounters(
    shop,
    new Map(lines.map(({ product_id, layout }) => [product_id, layout])),
  );
  const short: ShortLine[] = [];
  const plan = lines.flatMap(({ product_id, quantity }) => {
    const own = counters.filter((counter) => counter.product_id === product_id);
    const available = own.reduce((pieces, counter) => pieces + counter.available, 0);
    if (available >= quantity) return fromCounters(own, quantity);
    short.push({ product_id, requested: quantity, available });
    shop.soldOut.remember(product_id, available);
    return [];
  });
  if (short.length > 0) throw soldOut(shop, short);
  return plan;
};

const fromCounters = (counters: readonly CounterItem[], quantity: number): Reservation[] => {
  const ample = counters.filter(({ available }) => available >= quantity);
  const one = ample[Math.floor(Math.random() * ample.length)];
  if (one) return [{ product_id: one.product_id, shard: one.shard, quantity }];
  let missing = quantity;
  const reservations: Reservation[] = [];
  for (const { product_id, shard, available } of counters.toSorted((a, b) => b.available - a.available)) {
    if (missing === 0) break;
    const taken = Math.min(available, missing);
    reservations.push({ product_id, shard, quantity: taken });
    missing -= taken;
  }
  return reservations;
};

/** Refuses lines that were found sold out a moment ago, without asking the database. */
export const refuseSoldOut = (shop: Shop, lines: readonly StockLine[]): void => {
  const short = shop.soldOut.shortAmong(lines);
  if (short.length > 0) throw soldOut(shop, short);
};

/** @throws DomainError `STORAGE_CONFLICT` for pieces scattered over more counters than one transaction takes */
export const refuseScattered = (plan: readonly Reservation[]): void => {
  if (plan.length <= MAX_RESERVATIONS) return;
  throw new DomainError(
    "STORAGE_CONFLICT",
    "The last pieces are scattered over too many counters; buy less at once",
    {
      retryAfterSeconds: 1,
    },
  );
};

const soldOut = (shop: Shop, details: ShortLine[]): DomainError => {
  shop.metrics.add("OrdersSoldOut", 1);
  const names = details.map(({ product_id }) => product_id).join(", ");
  return new DomainError("OUT_OF_STOCK", `Not enough in stock of product ${names}`, { details });
};
