import type { Logger } from "@aws-lambda-powertools/logger";
import { LRUCache } from "lru-cache";
import { runInRequestScope } from "../request-scope.ts";
import type { Database } from "../storage/database.ts";
import type { TableNames } from "../tables.ts";
import type { MetricRecorder } from "../telemetry/recorder.ts";
import { productOf } from "./counters.ts";
import type { GroupCommit } from "./group-commit.ts";
import { type Homes, type LineToReserve, openHomes } from "./homes.ts";
import { readLayouts, readSteadyCounters } from "./read-counters.ts";
import { reshard } from "./reshard.ts";
import type { Reservation } from "./stock-line.ts";

/** Conflicts and throttles within {@link CONFLICTS_WITHIN} that split a product. */
const CONFLICTS = 4;
/** Milliseconds. */
const CONFLICTS_WITHIN = 10_000;
/** By which one change multiplies or divides the number of counters. */
const FACTOR = 4;
/** Milliseconds between two looks at how fast a split product sells, and the pieces a second below which it is slow. */
const LOOK_EVERY = 30_000;
const SLOW = 1;
/** Milliseconds that one change may take. */
const PATIENCE = 5_000;
const MAX_PRODUCTS = 10_000;

/** The parts of the shop that it uses. */
interface Parts {
  readonly db: Database;
  readonly tables: TableNames;
  readonly stock: GroupCommit;
  readonly metrics: MetricRecorder;
  readonly log: Logger;
  readonly now: () => number;
  /** Counters that a product gets at the most. */
  readonly maxShards: number;
}

export interface Sharding extends Pick<Homes, "draw"> {
  /** Notes an order that was placed. @param round 0 when the counters that were drawn had enough */
  readonly placed: (lines: readonly LineToReserve[], plan: readonly Reservation[], round: number) => void;
  /** Resolves when no change is under way. */
  readonly idle: () => Promise<void>;
}

/**
 * Splits the stock of products on whose counters transactions meet or that are throttled, and brings it together again when
 * they sell slowly.
 * Not by what one process sees of the load: where every process has a counter of its own, none sees a conflict any more,
 * and it is the split that makes it so.
 */
export const openSharding = (shop: Parts): Sharding => {
  const { stock, metrics, log, now, maxShards } = shop;
  const homes = openHomes();
  const heat = new LRUCache<number, { since: number; conflicts: number }>({ max: MAX_PRODUCTS });
  const looks = new LRUCache<number, { readonly at: number; readonly moved: number }>({ max: MAX_PRODUCTS });
  /** Those that this process takes orders for: one that only fulfils them may not write products. */
  const sells = new LRUCache<number, true>({ max: MAX_PRODUCTS });
  const changing = new Map<number, Promise<void>>();

  /** In the background, one at a time for a product; a failure leaves all as it was. */
  const change = (productId: number, work: () => Promise<number | undefined>): void => {
    if (changing.has(productId)) return;
    const scope = {
      requestId: "stock-sharding",
      hasAskedStorage: true,
      signal: AbortSignal.timeout(PATIENCE),
    };
    const changed = runInRequestScope(scope, work)
      .then((shards) => {
        // One that can't be split is looked at again when its conflicts have been forgotten.
        if (shards === undefined) return;
        heat.delete(productId);
        homes.leave(productId);
        metrics.add("StockLayoutChanges", 1);
        log.info("stock layout", { product_id: productId, shards });
      })
      .catch((error: Error) => {
        heat.delete(productId);
        log.info("stock layout not changed", { product_id: productId, reason: error.message });
      })
      .finally(() => changing.delete(productId));
    changing.set(productId, changed);
  };

  /** @returns whether it has just met other processes, or been throttled, often enough to be split */
  const noteConflict = (productId: number): boolean => {
    const known = heat.get(productId);
    const own = known && now() - known.since < CONFLICTS_WITHIN ? known : { since: now(), conflicts: 0 };
    own.conflicts += 1;
    heat.set(productId, own);
    return own.conflicts === CONFLICTS;
  };

  stock.onContention((counters) => {
    const products = new Set(counters.map((counter) => productOf(counter)));
    for (const productId of products) {
      homes.leave(productId);
      if (!sells.has(productId) || changing.has(productId) || !noteConflict(productId)) continue;
      change(productId, () =>
        reshard(shop, productId, (shards) => Math.max(shards, Math.min(maxShards, shards * FACTOR))),
      );
    }
  });

  /** Fewer counters for a product that sold slowly since the last look, through whichever process. */
  const look = async (productId: number): Promise<number | undefined> => {
    const before = looks.get(productId);
    const { counters } = await readSteadyCounters(shop, await readLayouts(shop, [productId]));
    const moved = counters.reduce((sum, { reserved, sold }) => sum + reserved + sold, 0);
    const at = now();
    looks.set(productId, { at, moved });
    if (!before || (moved - before.moved) * 1_000 >= SLOW * (at - before.at)) return undefined;
    return reshard(shop, productId, (shards) => Math.ceil(shards / FACTOR));
  };

  return {
    draw: (lines) => {
      for (const { product_id } of lines) sells.set(product_id, true);
      return homes.draw(lines);
    },
    placed: (lines, plan, round) => {
      const split = new Set(
        lines.filter(({ layout }) => layout.shards > 1).map(({ product_id }) => product_id),
      );
      if (round > 0) homes.settle(plan.filter(({ product_id }) => split.has(product_id)));
      for (const { product_id, layout } of lines) {
        if (layout.shards === 1 || layout.isFixed) continue;
        if (now() - (looks.get(product_id)?.at ?? 0) >= LOOK_EVERY)
          change(product_id, () => look(product_id));
      }
    },
    idle: async () => {
      while (changing.size > 0) await Promise.all(changing.values());
    },
  };
};
