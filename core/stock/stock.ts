import { z } from "zod";
import { productIdSchema } from "../catalog/product.ts";
import { DomainError } from "../errors.ts";
import type { Shop } from "../shop.ts";
import { transact } from "../storage/transact.ts";
import { setCounter } from "./counters.ts";
import { changedLayout, layOut, MAX_SHARDS } from "./layout.ts";
import { readLayout, readLayouts, readSteadyCounters } from "./read-counters.ts";

export const MAX_AVAILABLE = 1_000_000_000;
const MAX_SET_ATTEMPTS = 5;

const shardsSchema = z.int().min(1).max(MAX_SHARDS);

export const stockSchema = z
  .object({
    product_id: productIdSchema,
    available: z.int().min(0).meta({
      description: "Pieces that can be ordered now",
      example: 1_000_000,
    }),
    reserved: z.int().min(0).meta({ description: "Pieces in orders not yet fulfilled", example: 2 }),
    sold: z.int().min(0).meta({ description: "Pieces in fulfilled orders", example: 40 }),
    shards: shardsSchema.optional().meta({
      description: "Over how many counters what is available is split; left out when it is not",
    }),
  })
  .meta({ id: "Stock" });

export type Stock = z.infer<typeof stockSchema>;

export const stockLevelSchema = z
  .strictObject({
    available: z.int().min(0).max(MAX_AVAILABLE).meta({ example: 100 }),
    shards: z
      .union([shardsSchema, z.literal("auto")])
      .optional()
      .meta({
        description:
          "Number of counters that it is split over from now on, for a product that many buy at once. `auto` has the shop " +
          "choose, as it does for a product whose counters were never set; left out, this stays as it is",
      }),
  })
  .meta({ id: "StockLevel" });

export type StockLevel = z.infer<typeof stockLevelSchema>;

/**
 * The product's stock; nothing in stock when none was ever set.
 *
 * @throws DomainError `PRODUCT_NOT_FOUND`
 */
export const getStock = async (shop: Shop, productId: number): Promise<Stock> => {
  const { layouts, counters } = await readSteadyCounters(shop, await readLayouts(shop, [productId]));
  const { shards = 1 } = layouts.get(productId) ?? {};
  const sum = (count: "available" | "reserved" | "sold"): number =>
    counters.reduce((pieces, counter) => pieces + (counter[count] ?? 0), 0);
  return {
    product_id: productId,
    available: sum("available"),
    reserved: sum("reserved"),
    sold: sum("sold"),
    ...(shards > 1 && { shards }),
  };
};

/**
 * Sets the pieces that can be ordered from now on, e.g. after a stock count, and over how many counters they
 * are split. Reserved and sold pieces stay counted where they are.
 *
 * @throws DomainError `PRODUCT_NOT_FOUND`, `STORAGE_CONFLICT`
 */
export const setStock = async (shop: Shop, productId: number, level: StockLevel): Promise<Stock> => {
  for (let attempt = 0; attempt < MAX_SET_ATTEMPTS; attempt++) {
    const seen = await readLayout(shop, productId);
    const shards = typeof level.shards === "number" ? level.shards : seen.shards;
    const isFixed = level.shards === undefined ? seen.isFixed : level.shards !== "auto";
    const layout = changedLayout(seen, shards, isFixed);
    const refusals = await transact(shop.db, [
      layOut(shop, productId, seen, layout),
      ...Array.from({ length: layout.made }, (_, shard) =>
        setCounter(shop, { product_id: productId, shard, available: share(level.available, shards, shard) }),
      ),
    ]);
    shop.soldOut.forget([productId]);
    if (!refusals) return getStock(shop, productId);
  }
  throw new DomainError("STORAGE_CONFLICT", "The stock of this product is being split by others; try again", {
    retryAfterSeconds: 1,
  });
};

/** Shard 0 to n - 1 get equal parts, the first ones a piece more; a counter that is in use no more gets nothing. */
const share = (available: number, shards: number, shard: number): number =>
  shard >= shards ? 0 : Math.floor(available / shards) + (shard < available % shards ? 1 : 0);
