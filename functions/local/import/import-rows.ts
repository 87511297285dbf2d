import { putProduct } from "../../../core/catalog/catalog.ts";
import type { Product, ProductDetails } from "../../../core/catalog/product.ts";
import type { Shop } from "../../../core/shop.ts";
import { stockId } from "../../../core/stock/counters.ts";
import { setStock } from "../../../core/stock/stock.ts";
import { batchGet } from "../../../core/storage/batch-get.ts";
import { eachConcurrently } from "./concurrency.ts";
import { type PlacedRow, placeRows } from "./place.ts";
import type { ProductRow, Row } from "./row.ts";
import { addProblem, type Summary } from "./summary.ts";

/** What one BatchGetItem reads. */
const BATCH_SIZE = 100;
const WRITERS = 16;

/**
 * Writes the products of a file, as far as they differ from what the shop has. Rows that cannot be imported
 * are counted and the others go on.
 *
 * @param summary counts what has been done, also when this ends early
 * @param signal ends the import after the writes under way
 * @throws DomainError `STORAGE_UNAVAILABLE` when storage fails: the rest would only fail as well
 */
export const importRows = async (
  shop: Shop,
  rows: AsyncIterable<Row>,
  summary: Summary,
  signal?: AbortSignal,
): Promise<void> => {
  const refuseRepeated = openRepetitionCheck();
  const taken = new Set<number>();
  let batch: ProductRow[] = [];

  const writeBatch = async (): Promise<void> => {
    const due = batch;
    batch = [];
    const placed = await placeRows(shop, due, taken);
    const stocked = await findStocked(shop, placed);
    await eachConcurrently(WRITERS, placed, (row) => importRow(shop, row, stocked, summary), signal);
  };

  for await (const row of rows) {
    if (signal?.aborted) return;
    if (row.kind === "image") summary.images += 1;
    else if (row.kind === "hidden") summary.hidden += 1;
    else if (row.kind === "problem") addProblem(summary, row.line, row.message);
    else {
      const repetition = refuseRepeated(row);
      if (repetition) addProblem(summary, row.line, repetition);
      else batch.push(row);
    }
    if (batch.length === BATCH_SIZE) await writeBatch();
  }
  if (!signal?.aborted) await writeBatch();
};

/** Of the whole file, only what tells products apart is remembered: some hundred bytes a product. */
const openRepetitionCheck = () => {
  const identities = new Map<string, number>();
  const skus = new Map<string, number>();
  return ({ line, identity, details: { sku } }: ProductRow): string | undefined => {
    const same = identities.get(identity);
    if (same !== undefined) return `is the same product as line ${same}`;
    const sameSku = skus.get(sku);
    if (sameSku !== undefined) return `sku: ${JSON.stringify(sku)} is the SKU of line ${sameSku} already`;
    identities.set(identity, line);
    skus.set(sku, line);
    return undefined;
  };
};

/** The products among them that have a stock record: sales may have changed it, so the file's word is no longer true. */
const findStocked = async (shop: Shop, rows: readonly PlacedRow[]): Promise<Set<number>> => {
  const keys = rows
    .filter(({ available }) => available !== undefined)
    .map(({ details: { product_id } }) => ({ stock_id: stockId(product_id, 0) }));
  const records = await batchGet(shop.db, shop.tables.stock, keys, true);
  return new Set(records.map(({ product_id }) => product_id as number));
};

const importRow = async (
  shop: Shop,
  { details, stored, available }: PlacedRow,
  stocked: ReadonlySet<number>,
  summary: Summary,
): Promise<void> => {
  const outcome = !stored ? "created" : isUnchanged(stored, details) ? "unchanged" : "updated";
  if (outcome !== "unchanged") await putProduct(shop, details);
  summary[outcome] += 1;
  if (available === undefined || stocked.has(details.product_id)) return;
  await setStock(shop, details.product_id, { available });
  summary.stocked += 1;
};

/** Whether writing the details would change nothing: fields that are not given keep their value. */
const isUnchanged = (stored: Product, details: ProductDetails): boolean => {
  const { price, ...others } = details;
  const fields = Object.keys(others) as (keyof typeof others)[];
  return (
    (price === undefined || price === stored.price) &&
    fields.every((field) => others[field] === stored[field])
  );
};
