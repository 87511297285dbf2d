import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { productNotFound } from "../catalog/product.ts";
import { batchGet } from "../storage/batch-get.ts";
import type { Database } from "../storage/database.ts";
import type { TableNames } from "../tables.ts";
import { type CounterItem, stockId } from "./counters.ts";
import { type StockLayout, UNSPLIT } from "./layout.ts";

interface Parts {
  readonly db: Database;
  readonly tables: TableNames;
}

/** @throws DomainError `PRODUCT_NOT_FOUND` */
export const readLayout = async (shop: Parts, productId: number): Promise<StockLayout> => {
  const { Item } = await shop.db.send(
    new GetCommand({
      TableName: shop.tables.products,
      Key: { product_id: productId },
      ProjectionExpression: "product_id, stock_layout",
      ConsistentRead: true,
    }),
  );
  if (!Item) throw productNotFound(productId);
  return (Item.stock_layout as StockLayout | undefined) ?? UNSPLIT;
};

/** @throws DomainError `PRODUCT_NOT_FOUND` */
export const readLayouts = async (
  shop: Parts,
  productIds: readonly number[],
): Promise<ReadonlyMap<number, StockLayout>> =>
  new Map(await Promise.all(productIds.map(async (id) => [id, await readLayout(shop, id)] as const)));

/** The counters of some products that exist, as they are now. */
export const readCounters = async (
  shop: Parts,
  layouts: ReadonlyMap<number, StockLayout>,
): Promise<CounterItem[]> => {
  const keys = [...layouts].flatMap(([productId, { made }]) =>
    Array.from({ length: made }, (_, shard) => ({ stock_id: stockId(productId, shard) })),
  );
  return (await batchGet(shop.db, shop.tables.stock, keys, true)) as unknown as CounterItem[];
};

/** How often counters are read again because pieces moved between them meanwhile. */
const MAX_READS = 5;

/**
 * Reads all counters of some products that exist, again while a layout changes: pieces move between counters only then,
 * so none is missed or counted twice. After five reads the last is returned as it is.
 *
 * @param seen the products' layouts, read before
 */
export const readSteadyCounters = async (
  shop: Parts,
  seen: ReadonlyMap<number, StockLayout>,
): Promise<{ layouts: ReadonlyMap<number, StockLayout>; counters: CounterItem[] }> => {
  let before = seen;
  for (let reads = 1; ; reads++) {
    const counters = await readCounters(shop, before);
    const after = await readLayouts(shop, [...before.keys()]);
    const isSteady = [...after].every(([id, { changes }]) => changes === before.get(id)?.changes);
    if (isSteady || reads === MAX_READS) return { layouts: after, counters };
    before = after;
  }
};
