import { putProduct, readProductItems, removePrice } from "../../../core/catalog/catalog.ts";
import { attributesOf, type ProductDetails, type ProductItem } from "../../../core/catalog/product.ts";
import type { Shop } from "../../../core/shop.ts";
import { UNSPLIT } from "../../../core/stock/layout.ts";
import { readCounters } from "../../../core/stock/read-counters.ts";
import { setStock } from "../../../core/stock/stock.ts";
import { eachConcurrently } from "./concurrency.ts";
import type { Summary } from "./import-summary.ts";
import { type ImportRecord, isSameRecord, writeRecord } from "./records.ts";
import type { StockWord } from "./row.ts";
import { type Placeable, type Placed, placeProducts } from "./row-place.ts";

export interface SyncOptions {
  /** Pieces of a product whose stock nobody counts. */
  readonly untrackedStock: number;
  /** Whether products that have stock keep it, whatever the file says. */
  readonly keepStock: boolean;
  /** Whether products of earlier imports that the file lacks are taken off sale. */
  readonly prune: boolean;
}

/** A product to put on sale as the file has it. */
export interface Sale extends Placeable {
  readonly kind: "sale";
  readonly origin?: Omit<ImportRecord, "product_id">;
  /** The import's record of it so far. */
  readonly record?: ImportRecord | undefined;
  readonly stock: StockWord | "kept";
}

/** A product to take off sale. */
export interface Withdrawal {
  readonly kind: "withdrawal";
  readonly record: ImportRecord;
  /** The import's record of it from now on. */
  readonly origin: Omit<ImportRecord, "product_id">;
}

export type Task = Sale | Withdrawal;

const WRITERS = 16;

/** Pieces that can be ordered, by product; products that never had stock are absent. */
type Available = ReadonlyMap<number, number>;

/**
 * Makes the shop have what a part of a file says. Each record is written before its product: an import that
 * is cut short and run again finds the same numbers.
 *
 * @param taken see {@link placeProducts}
 */
export const syncTasks = async (
  shop: Shop,
  tasks: readonly Task[],
  taken: Set<number>,
  { options, summary, signal }: { options: SyncOptions; summary: Summary; signal?: AbortSignal | undefined },
): Promise<void> => {
  const sales = await placeProducts(
    shop,
    tasks.filter((task) => task.kind === "sale"),
    taken,
  );
  const withdrawals = tasks.filter((task) => task.kind === "withdrawal");
  const withdrawn = await readProductItems(
    shop,
    withdrawals.map(({ record }) => record.product_id),
  );
  const available = await readAvailable(shop, [
    ...sales.flatMap(({ stored }) => stored ?? []),
    ...withdrawn.values(),
  ]);
  const sellOne = (sale: Placed<Sale>) => sell(shop, sale, available, options, summary);
  const withdrawOne = (withdrawal: Withdrawal) =>
    withdraw(shop, withdrawal, withdrawn.get(withdrawal.record.product_id), available, summary);
  await eachConcurrently(WRITERS, sales, sellOne, signal);
  await eachConcurrently(WRITERS, withdrawals, withdrawOne, signal);
};

const readAvailable = async (shop: Shop, items: readonly ProductItem[]): Promise<Available> => {
  const layouts = new Map(items.map(({ product_id, stock_layout }) => [product_id, stock_layout ?? UNSPLIT]));
  const sums = new Map<number, number>();
  for (const { product_id, available } of await readCounters(shop, layouts))
    sums.set(product_id, (sums.get(product_id) ?? 0) + available);
  return sums;
};

const sell = async (
  shop: Shop,
  { details, stored, stock, origin, record }: Placed<Sale>,
  available: Available,
  options: SyncOptions,
  summary: Summary,
): Promise<void> => {
  const { product_id } = details;
  await remember(shop, record, origin && { ...origin, product_id });
  const isChanged = !stored || !isUnchanged(stored, details);
  if (isChanged) await putProduct(shop, details);
  const had = available.get(product_id);
  const pieces = piecesOf(stock, options, stored?.price_cents === undefined ? undefined : had);
  const isRestocked = pieces !== undefined && pieces !== had;
  if (isRestocked) await setStock(shop, product_id, { available: pieces });

  summary[stored ? (isChanged || isRestocked ? "updated" : "unchanged") : "created"] += 1;
  if (isRestocked) summary.restocked += 1;
  if (stock === "untracked") summary.untracked += 1;
  if (stock === undefined) summary.unstated += 1;
  if (stock === "kept" && had === undefined) summary.unstocked += 1;
};

/**
 * The pieces a product is to have; undefined to leave them as they are.
 *
 * @param had what it has; undefined when it never had stock, or was off sale, which left it none
 */
const piecesOf = (
  stock: Sale["stock"],
  { untrackedStock, keepStock }: SyncOptions,
  had: number | undefined,
): number | undefined => {
  if (stock === "kept" || (keepStock && had !== undefined)) return undefined;
  if (stock === "untracked") return untrackedStock;
  return stock ?? (had === undefined ? untrackedStock : undefined);
};

/**
 * Takes a product off sale: it loses its price, so that adding it and checking it out are refused, and what
 * is left of its stock, so that carts which hold it cannot buy it either. Reserved pieces stay reserved.
 */
const withdraw = async (
  shop: Shop,
  { record, origin }: Withdrawal,
  stored: ProductItem | undefined,
  available: Available,
  summary: Summary,
): Promise<void> => {
  const { product_id } = record;
  await remember(shop, record, { ...origin, product_id });
  if (!stored) return;
  const [hasPrice, hasStock] = [stored.price_cents !== undefined, (available.get(product_id) ?? 0) > 0];
  if (hasPrice) await removePrice(shop, product_id);
  if (hasStock) await setStock(shop, product_id, { available: 0 });
  summary[hasPrice || hasStock ? "withdrawn" : "alreadyOff"] += 1;
};

const remember = async (
  shop: Shop,
  before: ImportRecord | undefined,
  now: ImportRecord | undefined,
): Promise<void> => {
  if (now && !(before && isSameRecord(before, now))) await writeRecord(shop, now);
};

/** Whether writing the details would change nothing: fields that are not given keep their value. */
const isUnchanged = (stored: ProductItem, details: ProductDetails): boolean =>
  (details.category !== "" || stored.category === undefined) &&
  Object.entries(attributesOf(details)).every(
    ([name, value]) => (stored[name as keyof ProductItem] ?? (value === "" ? "" : undefined)) === value,
  );
